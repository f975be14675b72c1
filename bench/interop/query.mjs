// Runs the SQL of a file with DuckDB, statement after statement, in the current
// folder, and prints the rows of each as one JSON line.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.PCAPMILL_DUCKDB, "package.json"));
const { DuckDBInstance } = require("@duckdb/node-api");

const connection = await (await DuckDBInstance.create()).connect();
for (const sql of readFileSync(process.argv[2], "utf8").split(";")) {
  if (sql.trim() === "") continue;
  console.log(JSON.stringify((await connection.runAndReadAll(sql)).getRowObjectsJson()));
}
