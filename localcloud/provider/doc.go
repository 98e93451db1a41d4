// Package provider is the Pulumi provider "oci" for machines that cannot
// download the official plugin. The Pulumi engine attaches to it through
// PULUMI_DEBUG_PROVIDERS=oci:PORT.
//
// It is a client of OCI's public API and nothing else: every request goes
// through oci-go-sdk to OCI's own host names, so HTTPS_PROXY and SSL_CERT_FILE
// decide where it ends, exactly as with the official plugin (pulumi-oci 2.20.0,
// which wraps terraform-provider-oci 6.21). Properties, types, what is required
// and what replaces a resource follow that version's package schema
// (schema.json); ids have the official plugin's form.
//
// Resources are rows of a table (the rows_*.go files). A row names the token,
// the SDK's client and the noun in its method names; the engine does the rest
// by reflection on the SDK's typed requests and models. What a row can say is
// documented at [resource] and [function]. To add one: put its token into
// schema.json, add the row, and run the package's tests, which check every
// property of the schema against the SDK's structs and name those that match
// nothing.
package provider
