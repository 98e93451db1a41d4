package provider

import (
	"reflect"

	"github.com/google/uuid"
	"github.com/oracle/oci-go-sdk/v65/keymanagement"
	"github.com/oracle/oci-go-sdk/v65/vault"
)

const restoring = "restoring from a backup: " + otherTool

var keyRows = []*kind{
	{
		token: "oci:Kms/vault:Vault", noun: "Vault", client: regional(keymanagement.NewKmsVaultClientWithConfigurationProvider),
		destroyBy:   "ScheduleVaultDeletion",
		local:       map[string]string{"timeOfDeletion": "used by delete"},
		unsupported: map[string]string{"restoreFromFile": restoring, "restoreFromObjectStore": restoring, "restoreTrigger": restoring},
		unmatched: map[string]string{"restoreFromFile": restoring, "restoreFromObjectStore": restoring, "restoreTrigger": restoring,
			"externalKeyManagerMetadata": "not in the API's model; see externalKeyManagerMetadataSummaries"},
	},
	{
		token: "oci:Kms/key:Key", noun: "Key", client: perEndpoint(keymanagement.NewKmsManagementClientWithConfigurationProvider),
		endpoint: "managementEndpoint", destroyBy: "ScheduleKeyDeletion",
		local: map[string]string{"timeOfDeletion": "used by delete", "managementEndpoint": "the client's endpoint"},
		unsupported: map[string]string{"restoreFromFile": restoring, "restoreFromObjectStore": restoring, "restoreTrigger": restoring,
			"desiredState": "disabling keys: " + otherTool},
		unmatched: map[string]string{"restoreFromFile": restoring, "restoreFromObjectStore": restoring, "restoreTrigger": restoring,
			"desiredState": "see state", "managementEndpoint": "the client's endpoint",
			"externalKeyReference": "not in the API's model; see externalKeyReferenceDetails"},
	},
	{
		// A key is generated, told, and not stored by the service: there is nothing
		// to read, change or delete.
		token: "oci:Kms/generatedKey:GeneratedKey", noun: "GeneratedKey", client: perEndpoint(keymanagement.NewKmsCryptoClientWithConfigurationProvider),
		endpoint: "cryptoEndpoint", createBy: "GenerateDataEncryptionKey", getBy: "-", updateBy: "-", destroyBy: "-", lists: nothingStays,
		local: map[string]string{"cryptoEndpoint": "the client's endpoint"},
		create: func(op *operation) (reflect.Value, error) {
			r, err := op.createRequest()
			if err != nil {
				return reflect.Value{}, err
			}
			answer, err := op.send(r)
			if err != nil {
				return reflect.Value{}, err
			}
			op.id = "KmsGeneratedKeyResource-" + uuid.NewString()
			return answer.body(), nil
		},
		unmatched: map[string]string{"associatedData": "input only", "cryptoEndpoint": "the client's endpoint", "includePlaintextKey": "input only",
			"keyId": "input only", "keyShape": "input only", "loggingContext": "input only"},
	},
}

var secretRows = []*kind{{
	token: "oci:Vault/secret:Secret", noun: "Secret", client: regional(vault.NewVaultsClientWithConfigurationProvider),
	destroyBy: "ScheduleSecretDeletion",
	unmatched: map[string]string{"secretContent": "told only by the Secrets service"},
}}
