package packet

// The link types that code here and elsewhere names.
const (
	LinkNull                LinkType = 0
	LinkEthernet            LinkType = 1
	LinkTokenRing           LinkType = 6
	LinkPPP                 LinkType = 9
	LinkFDDI                LinkType = 10
	LinkRawBSD              LinkType = 12
	LinkRawOpen             LinkType = 14
	LinkPPPHDLC             LinkType = 50
	LinkPPPoE               LinkType = 51
	LinkATM                 LinkType = 100
	LinkRaw                 LinkType = 101
	LinkCiscoHDLC           LinkType = 104
	LinkWLAN                LinkType = 105
	LinkFrameRelay          LinkType = 107
	LinkLoop                LinkType = 108
	LinkENC                 LinkType = 109
	LinkSLL                 LinkType = 113
	LinkPFLOG               LinkType = 117
	LinkPrism               LinkType = 119
	LinkRadiotap            LinkType = 127
	LinkUser2               LinkType = 149
	LinkAVS                 LinkType = 163
	LinkPPPD                LinkType = 166
	LinkJuniperEthernet     LinkType = 178
	LinkMFR                 LinkType = 182
	LinkPPI                 LinkType = 192
	LinkERF                 LinkType = 197
	LinkPPPDirection        LinkType = 204
	LinkFrameRelayDirection LinkType = 206
	LinkMPLS                LinkType = 219
	LinkIPNet               LinkType = 226
	LinkIPv4                LinkType = 228
	LinkIPv6                LinkType = 229
	LinkNFLOG               LinkType = 239
	LinkIPoIB               LinkType = 242
	LinkInfiniBand          LinkType = 247
	LinkPKTAP               LinkType = 258
	LinkSLL2                LinkType = 276
	LinkBroadcomTag         LinkType = 281
	LinkBroadcomPrepended   LinkType = 282
	LinkDSA                 LinkType = 284
	LinkEDSA                LinkType = 285
	linkMax                          = 299 // the highest number of the table
)

// linkTable says all that is known of each link type, by number. Names are those of
// the registry at tcpdump.org; types for private use are left out.
var linkTable = []linkInfo{
	{link: LinkNull, name: "null", decode: linkLoopback, note: "BSD loopback: address family in either byte order"},
	{link: LinkEthernet, name: "ethernet", decode: linkEthernet, macs: true, tags: true, note: "Ethernet II, IEEE 802.3 with LLC or SNAP"},
	{link: 2, name: "exp_ethernet", note: "experimental Ethernet"},
	{link: 3, name: "ax25", note: "amateur radio AX.25"},
	{link: 4, name: "pronet", note: "Proteon ProNET"},
	{link: 5, name: "chaos", note: "MIT Chaosnet"},
	{link: LinkTokenRing, name: "ieee802_5", decode: linkTokenRing, macs: true, tags: true, note: "Token Ring: LLC, with or without source routing; MAC frames are non_ip"},
	{link: 7, name: "arcnet_bsd", decode: linkARCNet, note: "ARCNET of BSD: RFC 1051, RFC 1201, RFC 2497; of a split packet the first part, the others are fragment_unresolved"},
	{link: 8, name: "slip", decode: linkSLIP, note: "serial line IP; compressed headers count as the packets they stand for"},
	{link: LinkPPP, name: "ppp", decode: linkPPP, labels: true, note: "PPP with or without address and control field, Cisco HDLC; multilink, compressed and encrypted packets are non_ip"},
	{link: LinkFDDI, name: "fddi", decode: linkFDDI, macs: true, tags: true, note: "FDDI: LLC; addresses in the order of the capture"},
	{link: LinkRawBSD, name: "raw", decode: linkRaw, note: "IPv4 or IPv6 by the first four bits"},
	{link: LinkRawOpen, name: "raw", decode: linkRaw, note: "IPv4 or IPv6 by the first four bits"},
	{link: LinkPPPHDLC, name: "ppp_hdlc", decode: linkPPP, labels: true, note: "PPP in HDLC-like framing, Cisco HDLC"},
	{link: LinkPPPoE, name: "ppp_ether", decode: linkPPPoE, labels: true, note: "PPPoE session packets without their Ethernet header"},
	{link: 99, name: "symantec_firewall", decode: linkSymantec, tags: true, note: "Symantec firewall: EtherType"},
	{link: LinkATM, name: "atm_rfc1483", decode: linkATM, macs: true, tags: true, note: "RFC 2684: LLC with SNAP or NLPID, IP alone, PPP, bridged Ethernet"},
	{link: LinkRaw, name: "raw", decode: linkRaw, note: "IPv4 or IPv6 by the first four bits"},
	{link: 102, name: "slip_bsdos", note: "serial line IP of BSD/OS"},
	{link: 103, name: "ppp_bsdos", note: "PPP of BSD/OS"},
	{link: LinkCiscoHDLC, name: "c_hdlc", decode: linkCiscoHDLC, tags: true, note: "Cisco HDLC, PPP; SLARP and CDP are non_ip"},
	{link: LinkWLAN, name: "ieee802_11", decode: linkWLAN, macs: true, tags: true, note: "IEEE 802.11: see below"},
	{link: 106, name: "atm_clip", decode: linkATM, macs: true, tags: true, note: "classical IP over ATM of Linux"},
	{link: LinkFrameRelay, name: "frelay", decode: linkFrameRelay, macs: true, tags: true, note: "frame relay: RFC 2427 (NLPID, SNAP, PPP, bridged Ethernet) and Cisco; FRF.12 fragments are not joined"},
	{link: LinkLoop, name: "loop", decode: linkLoopback, note: "OpenBSD loopback: address family in either byte order"},
	{link: LinkENC, name: "enc", decode: linkENC, note: "OpenBSD: packets as IPsec decrypted them"},
	{link: LinkSLL, name: "linux_sll", decode: linkSLL, macs: true, tags: true, note: "Linux cooked: EtherType, LLC, PPP, frame relay, 802.11; only the sender's address is there, so none is given"},
	{link: 114, name: "ltalk", note: "Apple LocalTalk"},
	{link: 115, name: "econet", note: "Acorn Econet"},
	{link: 116, name: "ipfilter", note: "IPFilter log"},
	{link: LinkPFLOG, name: "pflog", decode: linkPFLOG, note: "packet filter log of OpenBSD and its relatives"},
	{link: 118, name: "cisco_ios", note: "Cisco internal"},
	{link: LinkPrism, name: "prism", decode: linkPrism, macs: true, tags: true, note: "Prism header (144 bytes) or AVS, IEEE 802.11"},
	{link: 120, name: "aironet_header", note: "Aironet cards"},
	{link: 122, name: "ip_over_fc", decode: linkFibreChannel, macs: true, tags: true, note: "RFC 2625: LLC; addresses where both names hold one"},
	{link: 123, name: "sunatm", decode: linkSunATM, macs: true, tags: true, note: "SunATM: LLC and LAN emulation; signalling and operation cells are non_ip"},
	{link: 124, name: "rio", note: "RapidIO"},
	{link: 125, name: "pci_exp", note: "PCI Express"},
	{link: 126, name: "aurora", note: "Xilinx Aurora"},
	{link: LinkRadiotap, name: "ieee802_11_radiotap", decode: linkRadiotap, macs: true, tags: true, note: "radiotap (flags: frame check sequence, padding), IEEE 802.11"},
	{link: 128, name: "tzsp", note: "TaZmen sniffer protocol"},
	{link: 129, name: "arcnet_linux", decode: linkARCNetLinux, note: "ARCNET of Linux"},
	{link: 130, name: "juniper_mlppp", decode: linkJuniper(juniperMLPPP), labels: true, note: "Juniper multilink PPP"},
	{link: 131, name: "juniper_mlfr", decode: linkJuniper(juniperMLFR), macs: true, tags: true, note: "Juniper multilink frame relay"},
	{link: 132, name: "juniper_es", decode: linkJuniper(juniperES), note: "Juniper encryption service"},
	{link: 133, name: "juniper_ggsn", decode: linkJuniper(juniperGGSN), note: "Juniper GGSN"},
	{link: 134, name: "juniper_mfr", decode: linkJuniper(juniperMFR), macs: true, tags: true, note: "Juniper FRF.16"},
	{link: 135, name: "juniper_atm2", decode: linkJuniper(juniperATM2), macs: true, tags: true, note: "Juniper ATM2: LLC, NLPID, PPP, IP, Ethernet"},
	{link: 136, name: "juniper_services", decode: linkJuniper(juniperService), note: "Juniper services"},
	{link: 137, name: "juniper_atm1", decode: linkJuniper(juniperATM1), macs: true, tags: true, note: "Juniper ATM1: LLC, NLPID, IP"},
	{link: 138, name: "apple_ip_over_ieee1394", decode: linkFireWire, tags: true, note: "IP over FireWire; its addresses have 64 bits and are not given"},
	{link: 139, name: "mtp2_with_phdr", note: "SS7 MTP2"},
	{link: 140, name: "mtp2", note: "SS7 MTP2"},
	{link: 141, name: "mtp3", note: "SS7 MTP3"},
	{link: 142, name: "sccp", note: "SS7 SCCP"},
	{link: 143, name: "docsis", note: "DOCSIS"},
	{link: 144, name: "linux_irda", note: "IrDA"},
	{link: LinkUser2, name: "user2", decode: linkUser2, macs: true, tags: true, note: "PKTAP under Apple's first number for it; anything else in this private number is non_ip"},
	{link: LinkAVS, name: "ieee802_11_avs", decode: linkAVS, macs: true, tags: true, note: "AVS header, IEEE 802.11"},
	{link: 164, name: "juniper_monitor", decode: linkJuniper(juniperService), note: "Juniper monitor"},
	{link: 165, name: "bacnet_ms_tp", note: "BACnet MS/TP"},
	{link: LinkPPPD, name: "ppp_pppd", decode: linkPPPD, labels: true, note: "PPP of pppd: the address field holds the direction"},
	{link: 167, name: "juniper_pppoe", decode: linkJuniper(juniperEthernet), macs: true, tags: true, note: "Juniper PPPoE"},
	{link: 168, name: "juniper_pppoe_atm", decode: linkJuniper(juniperEtherType), tags: true, note: "Juniper PPPoE over ATM"},
	{link: 169, name: "gprs_llc", note: "GPRS LLC"},
	{link: 170, name: "gpf_t", note: "GPF-T"},
	{link: 171, name: "gpf_f", note: "GPF-F"},
	{link: 172, name: "gcom_t1e1", note: "Gcom T1/E1"},
	{link: 173, name: "gcom_serial", note: "Gcom serial"},
	{link: 174, name: "juniper_pic_peer", decode: linkJuniper(juniperOther), note: "Juniper: IP where the header says that no link layer is there"},
	{link: 175, name: "erf_eth", note: "Endace ERF of Ethernet, old number"},
	{link: 176, name: "erf_pos", note: "Endace ERF of POS, old number"},
	{link: 177, name: "linux_lapd", note: "ISDN LAPD"},
	{link: LinkJuniperEthernet, name: "juniper_ether", decode: linkJuniper(juniperEthernet), macs: true, tags: true, note: "Juniper Ethernet"},
	{link: 179, name: "juniper_ppp", decode: linkJuniper(juniperPPP), labels: true, note: "Juniper PPP"},
	{link: 180, name: "juniper_frelay", decode: linkJuniper(juniperFrameRelay), macs: true, tags: true, note: "Juniper frame relay"},
	{link: 181, name: "juniper_chdlc", decode: linkJuniper(juniperCiscoHDLC), tags: true, note: "Juniper Cisco HDLC"},
	{link: LinkMFR, name: "mfr", decode: linkMultilinkFrameRelay, macs: true, tags: true, note: "FRF.16: of a frame in fragments the first one, the others are fragment_unresolved; control frames are non_ip"},
	{link: 183, name: "juniper_vp", decode: linkJuniper(juniperOther), note: "Juniper voice: IP where no link layer is there"},
	{link: 184, name: "a429", note: "ARINC 429"},
	{link: 185, name: "a653_icm", note: "ARINC 653"},
	{link: 186, name: "usb_freebsd", note: "USB of FreeBSD, early"},
	{link: 187, name: "bluetooth_hci_h4", note: "Bluetooth HCI"},
	{link: 188, name: "ieee802_16_mac_cps", note: "WiMAX"},
	{link: 189, name: "usb_linux", note: "USB of Linux"},
	{link: 190, name: "can20b", note: "CAN 2.0B"},
	{link: 191, name: "ieee802_15_4_linux", note: "IEEE 802.15.4 of Linux"},
	{link: LinkPPI, name: "ppi", decode: linkPPI, macs: true, tags: true, note: "per-packet information (802.11: frame check sequence): any link type of this table"},
	{link: 193, name: "ieee802_16_mac_cps_radio", note: "WiMAX"},
	{link: 194, name: "juniper_ism", decode: linkJuniper(juniperOther), note: "Juniper: IP where no link layer is there"},
	{link: 195, name: "ieee802_15_4", note: "IEEE 802.15.4 with check sequence"},
	{link: 196, name: "sita", note: "SITA"},
	{link: LinkERF, name: "erf", decode: linkERF, macs: true, tags: true, note: "Endace ERF: Ethernet, HDLC, InfiniBand, IPv4, IPv6"},
	{link: 198, name: "raif1", note: "Ethertap RAIF1"},
	{link: 199, name: "ipmb_kontron", note: "IPMB"},
	{link: 200, name: "juniper_st", decode: linkJuniper(juniperOther), note: "Juniper secure tunnel: IP where no link layer is there"},
	{link: 201, name: "bluetooth_hci_h4_phdr", note: "Bluetooth HCI with direction"},
	{link: 202, name: "ax25_kiss", note: "AX.25 KISS"},
	{link: 203, name: "lapd", note: "ISDN LAPD"},
	{link: LinkPPPDirection, name: "ppp_with_dir", decode: linkPPPDirection, labels: true, note: "PPP behind a byte with the direction"},
	{link: 205, name: "c_hdlc_with_dir", decode: linkCiscoHDLCDirection, tags: true, note: "Cisco HDLC behind a byte with the direction"},
	{link: LinkFrameRelayDirection, name: "frelay_with_dir", decode: linkFrameRelayDirection, macs: true, tags: true, note: "frame relay behind a byte with the direction"},
	{link: 207, name: "lapb_with_dir", note: "LAPB"},
	{link: 209, name: "i2c_linux", note: "I2C"},
	{link: 210, name: "flexray", note: "FlexRay"},
	{link: 211, name: "most", note: "MOST"},
	{link: 212, name: "lin", note: "LIN"},
	{link: 213, name: "x2e_serial", note: "X2E serial"},
	{link: 214, name: "x2e_xoraya", note: "X2E Xoraya"},
	{link: 215, name: "ieee802_15_4_nonask_phy", note: "IEEE 802.15.4 with PHY header"},
	{link: 216, name: "linux_evdev", note: "Linux input events"},
	{link: 217, name: "gsmtap_um", note: "GSM Um"},
	{link: 218, name: "gsmtap_abis", note: "GSM Abis"},
	{link: LinkMPLS, name: "mpls", decode: linkMPLS, labels: true, note: "MPLS label stack"},
	{link: 220, name: "usb_linux_mmapped", note: "USB of Linux"},
	{link: 221, name: "dect", note: "DECT"},
	{link: 222, name: "aos", note: "AOS space links"},
	{link: 223, name: "wihart", note: "WirelessHART"},
	{link: 224, name: "fc_2", note: "Fibre Channel FC-2"},
	{link: 225, name: "fc_2_with_frame_delims", note: "Fibre Channel FC-2"},
	{link: LinkIPNet, name: "ipnet", decode: linkIPNet, note: "Solaris IP layer"},
	{link: 227, name: "can_socketcan", note: "CAN"},
	{link: LinkIPv4, name: "ipv4", decode: linkIPv4, note: "IPv4"},
	{link: LinkIPv6, name: "ipv6", decode: linkIPv6, note: "IPv6"},
	{link: 230, name: "ieee802_15_4_nofcs", note: "IEEE 802.15.4"},
	{link: 231, name: "dbus", note: "D-Bus"},
	{link: 232, name: "juniper_vs", decode: linkJuniper(juniperOther), note: "Juniper: IP where no link layer is there"},
	{link: 233, name: "juniper_srx_e2e", decode: linkJuniper(juniperOther), note: "Juniper SRX: IP where no link layer is there"},
	{link: 234, name: "juniper_fibrechannel", decode: linkJuniper(juniperOther), note: "Juniper: IP where no link layer is there"},
	{link: 235, name: "dvb_ci", note: "DVB common interface"},
	{link: 236, name: "mux27010", note: "3GPP 27.010 multiplex"},
	{link: 237, name: "stanag_5066_d_pdu", note: "STANAG 5066"},
	{link: 238, name: "juniper_atm_cemic", decode: linkJuniper(juniperOther), note: "Juniper: IP where no link layer is there"},
	{link: LinkNFLOG, name: "nflog", decode: linkNFLOG, note: "Linux netfilter log"},
	{link: 240, name: "netanalyzer", decode: linkNetAnalyzer(0), macs: true, tags: true, note: "Hilscher netANALYZER: Ethernet with check sequence"},
	{link: 241, name: "netanalyzer_transparent", decode: linkNetAnalyzer(8), macs: true, tags: true, note: "the same with preamble"},
	{link: LinkIPoIB, name: "ipoib", decode: linkIPoIB, tags: true, note: "IP over InfiniBand; its addresses have 20 bytes and are not given"},
	{link: 243, name: "mpeg_2_ts", note: "MPEG-2 transport stream"},
	{link: 244, name: "ng40", note: "NG40"},
	{link: 245, name: "nfc_llcp", note: "NFC"},
	{link: 246, name: "pfsync", note: "OpenBSD state synchronisation"},
	{link: LinkInfiniBand, name: "infiniband", decode: linkInfiniBand, tags: true, note: "InfiniBand: IP over unreliable datagrams, raw IPv6"},
	{link: 248, name: "sctp", note: "SCTP without IP"},
	{link: 249, name: "usbpcap", note: "USB of Windows"},
	{link: 250, name: "rtac_serial", note: "RTAC serial"},
	{link: 251, name: "bluetooth_le_ll", note: "Bluetooth LE"},
	{link: 252, name: "wireshark_upper_pdu", note: "protocol data exported by Wireshark"},
	{link: 253, name: "netlink", note: "Linux netlink"},
	{link: 254, name: "bluetooth_linux_monitor", note: "Bluetooth of Linux"},
	{link: 255, name: "bluetooth_bredr_bb", note: "Bluetooth baseband"},
	{link: 256, name: "bluetooth_le_ll_with_phdr", note: "Bluetooth LE"},
	{link: 257, name: "profibus_dl", note: "PROFIBUS"},
	{link: LinkPKTAP, name: "pktap", decode: linkPKTAP, macs: true, tags: true, note: "Apple packet tap: any link type of this table"},
	{link: 259, name: "epon", note: "EPON"},
	{link: 260, name: "ipmi_hpm_2", note: "IPMI"},
	{link: 261, name: "zwave_r1_r2", note: "Z-Wave"},
	{link: 262, name: "zwave_r3", note: "Z-Wave"},
	{link: 263, name: "wattstopper_dlm", note: "lighting control"},
	{link: 264, name: "iso_14443", note: "contactless cards"},
	{link: 265, name: "rds", note: "radio data system"},
	{link: 266, name: "usb_darwin", note: "USB of Darwin"},
	{link: 267, name: "openflow", note: "OpenFlow"},
	{link: 268, name: "sdlc", note: "SNA SDLC"},
	{link: 269, name: "ti_lln_sniffer", note: "IEEE 802.15.4 of TI"},
	{link: 270, name: "loratap", note: "LoRaTap"},
	{link: 271, name: "vsock", note: "virtual machine sockets"},
	{link: 272, name: "nordic_ble", note: "Bluetooth LE of Nordic"},
	{link: 273, name: "docsis31_xra31", note: "DOCSIS 3.1"},
	{link: 274, name: "ethernet_mpacket", note: "IEEE 802.3br fragments"},
	{link: 275, name: "displayport_aux", note: "DisplayPort"},
	{link: LinkSLL2, name: "linux_sll2", decode: linkSLL2, macs: true, tags: true, note: "Linux cooked, version 2: as linux_sll"},
	{link: 277, name: "sercos_monitor", note: "Sercos"},
	{link: 278, name: "openvizsla", note: "USB of OpenVizsla"},
	{link: 279, name: "ebhscr", note: "Elektrobit recorder"},
	{link: 280, name: "vpp_dispatch", note: "VPP trace"},
	{link: LinkBroadcomTag, name: "dsa_tag_brcm", decode: linkBroadcomTag, macs: true, tags: true, note: "Broadcom switch tag behind the addresses"},
	{link: LinkBroadcomPrepended, name: "dsa_tag_brcm_prepend", decode: linkBroadcomPrepended, macs: true, tags: true, note: "Broadcom switch tag before the Ethernet header"},
	{link: 283, name: "ieee802_15_4_tap", note: "IEEE 802.15.4 TAP"},
	{link: LinkDSA, name: "dsa_tag_dsa", decode: linkDSA, macs: true, tags: true, note: "Marvell switch tag; its VLAN identifier counts where it stands for the frame's"},
	{link: LinkEDSA, name: "dsa_tag_edsa", decode: linkEDSA, macs: true, tags: true, note: "the same with an EtherType"},
	{link: 286, name: "elee", note: "lawful interception ELEE"},
	{link: 287, name: "z_wave_serial", note: "Z-Wave serial"},
	{link: 288, name: "usb_2_0", note: "USB 2.0 bus"},
	{link: 289, name: "atsc_alp", note: "ATSC ALP"},
	{link: 290, name: "etw", note: "Windows event trace"},
	{link: 292, name: "zboss_ncp", note: "Zigbee ZBOSS"},
	{link: 293, name: "usb_2_0_low_speed", note: "USB 2.0 bus"},
	{link: 294, name: "usb_2_0_full_speed", note: "USB 2.0 bus"},
	{link: 295, name: "usb_2_0_high_speed", note: "USB 2.0 bus"},
	{link: 296, name: "auerswald_log", note: "Auerswald log"},
	{link: 297, name: "zwave_tap", note: "Z-Wave TAP"},
	{link: 298, name: "silabs_debug_channel", note: "Silicon Labs debug"},
	{link: 299, name: "firmware_uci", note: "ultra-wideband UCI"},
}
