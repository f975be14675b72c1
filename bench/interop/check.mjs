// Opens Parquet files with DuckDB and prints, one JSON line a file: the number of
// rows and, for each column, its type, the number of non-null values and their
// sum, least and greatest. Text counts by the length of its UTF-8 bytes, lists by
// their elements, bytes by their digits in hexadecimal times the digits' places,
// instants by microseconds since the epoch. Sums are exact text.
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.PCAPMILL_DUCKDB, "package.json"));
const { DuckDBInstance } = require("@duckdb/node-api");

const quote = (name) => `"${name.replaceAll('"', '""')}"`;

// numbers says which SQL turns a value into the numbers that are summed.
function numbers(name, type) {
  if (type.endsWith("VARCHAR[]")) return `unnest(list_transform(${name}, x -> strlen(x)))`;
  if (type.endsWith("[]")) return `unnest(${name})`;
  if (type === "BLOB") return `unnest(list_transform(range(1, 2*octet_length(${name})+1), i -> i*(position(substr(lower(hex(${name})), i, 1) in '0123456789abcdef')-1)))`;
  if (type === "VARCHAR") return `strlen(${name})`;
  if (type.startsWith("TIMESTAMP")) return `epoch_us(${name})`;
  return name;
}

async function rows(connection, sql) {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

async function check(connection, path) {
  const from = `read_parquet('${path.replaceAll("'", "''")}')`;
  const out = { path, columns: {} };
  out.rows = (await rows(connection, `SELECT count(*)::VARCHAR n FROM ${from}`))[0].n;
  for (const c of await rows(connection, `DESCRIBE SELECT * FROM ${from}`)) {
    const name = quote(c.column_name);
    const sum = c.column_type === "DOUBLE" ? "fsum(x)" : "sum(x::HUGEINT)";
    const [figures] = await rows(connection,
      `SELECT (SELECT count(${name}) FROM ${from})::VARCHAR "count", count(x)::VARCHAR "values",
              ${sum}::VARCHAR "sum", min(x)::VARCHAR "min", max(x)::VARCHAR "max"
       FROM (SELECT ${numbers(name, c.column_type)} x FROM ${from})`);
    out.columns[c.column_name] = { type: c.column_type, ...figures };
  }
  return out;
}

const connection = await (await DuckDBInstance.create()).connect();
for (const path of process.argv.slice(2)) {
  console.log(JSON.stringify(await check(connection, path)));
}
