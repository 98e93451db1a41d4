package api

import "strings"

// Regions maps the regions of OCI's commercial realm (oc1) to their keys
// (documentation: Regions and Availability Domains; oci-go-sdk v65.129.0,
// common/regions.go).
var Regions = map[string]string{
	"af-casablanca-1":   "LEJ",
	"af-johannesburg-1": "JNB",
	"ap-batam-1":        "HSG",
	"ap-chuncheon-1":    "YNY",
	"ap-delhi-1":        "ONM",
	"ap-hyderabad-1":    "HYD",
	"ap-kulai-2":        "JBP",
	"ap-melbourne-1":    "MEL",
	"ap-mumbai-1":       "BOM",
	"ap-osaka-1":        "KIX",
	"ap-seoul-1":        "ICN",
	"ap-singapore-1":    "SIN",
	"ap-singapore-2":    "XSP",
	"ap-sydney-1":       "SYD",
	"ap-tokyo-1":        "NRT",
	"ca-montreal-1":     "YUL",
	"ca-toronto-1":      "YYZ",
	"eu-amsterdam-1":    "AMS",
	"eu-frankfurt-1":    "FRA",
	"eu-madrid-1":       "MAD",
	"eu-madrid-3":       "ORF",
	"eu-marseille-1":    "MRS",
	"eu-milan-1":        "LIN",
	"eu-paris-1":        "CDG",
	"eu-stockholm-1":    "ARN",
	"eu-turin-1":        "NRQ",
	"eu-zurich-1":       "ZRH",
	"il-jerusalem-1":    "MTZ",
	"me-abudhabi-1":     "AUH",
	"me-dubai-1":        "DXB",
	"me-jeddah-1":       "JED",
	"me-riyadh-1":       "RUH",
	"mx-monterrey-1":    "MTY",
	"mx-queretaro-1":    "QRO",
	"sa-bogota-1":       "BOG",
	"sa-santiago-1":     "SCL",
	"sa-saopaulo-1":     "GRU",
	"sa-valparaiso-1":   "VAP",
	"sa-vinhedo-1":      "VCP",
	"uk-cardiff-1":      "CWL",
	"uk-london-1":       "LHR",
	"us-ashburn-1":      "IAD",
	"us-chicago-1":      "ORD",
	"us-phoenix-1":      "PHX",
	"us-saltlake-2":     "AGA",
	"us-sanjose-1":      "SJC",
}

// RegionKey returns the key of a region, such as IAD for us-ashburn-1, and the
// region itself in capitals where Regions lacks it.
func RegionKey(region string) string {
	if key, ok := Regions[region]; ok {
		return key
	}
	return strings.ToUpper(region)
}
