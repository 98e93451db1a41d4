package cloud_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/api"
)

// TestUnserved: on every host, what the local cloud lacks is answered by 501, what
// was asked for, and what there is. That needs no signature.
func TestUnserved(t *testing.T) {
	e, _ := serve(t, t.TempDir(), 0)
	client := proxied(t, e)
	for host, operation := range map[string]string{
		"artifacts.us-ashburn-1.oci.oraclecloud.com":              "CreateContainerRepository",
		"compute-containers.us-ashburn-1.oci.oraclecloud.com":     "CreateContainerInstance",
		"database.us-ashburn-1.oraclecloud.com":                   "CreateAutonomousDatabase",
		"events.us-ashburn-1.oci.oraclecloud.com":                 "CreateRule",
		"functions.us-ashburn-1.oci.oraclecloud.com":              "CreateFunction",
		"abcdefghijk.us-ashburn-1.functions.oci.oraclecloud.com":  "InvokeFunction",
		"iaas.us-ashburn-1.oraclecloud.com":                       "CreateLoadBalancer, ",
		"identity.us-ashburn-1.oci.oraclecloud.com":               "CreatePolicy",
		"kms.us-ashburn-1.oraclecloud.com":                        "CreateVault",
		"abcdefghijk-crypto.kms.us-ashburn-1.oraclecloud.com":     "Encrypt",
		"abcdefghijk-management.kms.us-ashburn-1.oraclecloud.com": "CreateKey",
		"logging.us-ashburn-1.oci.oraclecloud.com":                "CreateLogGroup",
		"notification.us-ashburn-1.oraclecloud.com":               "CreateTopic",
		"objectstorage.us-ashburn-1.oraclecloud.com":              "CreateBucket",
		"ocir.us-ashburn-1.oci.oraclecloud.com":                   "GetToken",
		"secrets.vaults.us-ashburn-1.oci.oraclecloud.com":         "GetSecretBundle",
		"telemetry.us-ashburn-1.oraclecloud.com":                  "CreateAlarm",
		"vaults.us-ashburn-1.oci.oraclecloud.com":                 "CreateSecret",
		"vision.aiservice.us-ashburn-1.oci.oraclecloud.com":       "AnalyzeImage",
	} {
		t.Run(host, func(t *testing.T) {
			response, err := client.Post("https://"+host+"/20160918/noSuchThings/x", "application/json", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var refusal api.Error
			if err := json.NewDecoder(response.Body).Decode(&refusal); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != http.StatusNotImplemented || refusal.Code != "MethodNotImplemented" {
				t.Errorf("answer is %s, %s", response.Status, refusal.Code)
			}
			for _, word := range []string{"does not serve POST /noSuchThings/x. It serves: ", operation} {
				if !strings.Contains(refusal.Message, word) {
					t.Errorf("the message does not say %q: %s", word, refusal.Message)
				}
			}
			if response.Header.Get("opc-request-id") == "" {
				t.Error("the answer has no opc-request-id")
			}
		})
	}
}
