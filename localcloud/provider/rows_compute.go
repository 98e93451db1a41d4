package provider

import (
	"github.com/oracle/oci-go-sdk/v65/database"
	"github.com/oracle/oci-go-sdk/v65/functions"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var functionsManagement = regional(functions.NewFunctionsManagementClientWithConfigurationProvider)

var functionsRows = []*kind{
	{token: "oci:Functions/application:Application", client: functionsManagement, noun: "Application"},
	{
		token: "oci:Functions/function:Function", client: functionsManagement, noun: "Function", naming: functionNaming,
	},
}

// functionNaming: the API has moved the image into one of several kinds of source.
var functionNaming = naming{inline: []string{"sourceDetails"}, variants: map[string]discriminator{"sourceDetails": {"sourceType", "CONTAINER_IMAGE"}}}

const (
	clones    = "clones and standbys: " + otherTool
	actions   = "this is an action on a database: " + otherTool
	onlyWrite = "not in the API's model"
)

var databases = regional(database.NewDatabaseClientWithConfigurationProvider)

var databaseRows = []*kind{{
	token: "oci:Database/autonomousDatabase:AutonomousDatabase", client: databases, noun: "AutonomousDatabase",
	idParameter: "autonomousDatabaseId",
	naming:      naming{renames: map[string]string{"dataStorageSizeInGb": "dataStorageSizeInGBs"}},
	failed:      []string{"UNAVAILABLE", "INACCESSIBLE"},
	body: func(string, resource.PropertyMap) any {
		return &database.CreateAutonomousDatabaseDetails{}
	},
	unsupported: map[string]string{
		"autonomousDatabaseBackupId": clones, "autonomousDatabaseId": clones, "cloneType": clones, "source": clones, "sourceId": clones,
		"timestamp": clones, "useLatestAvailableBackupTimeStamp": clones, "disasterRecoveryType": clones, "remoteDisasterRecoveryType": clones,
		"refreshableMode": clones, "isRefreshableClone": clones, "autoRefreshFrequencyInSeconds": clones, "autoRefreshPointLagInSeconds": clones,
		"timeOfAutoRefreshStart": clones, "openMode": clones, "permissionLevel": clones, "isReplicateAutomaticBackups": clones,
		"switchoverTo": actions, "switchoverToRemotePeerId": actions, "rotateKeyTrigger": actions, "shrinkAdbTrigger": actions, "isShrinkOnly": actions,
		"state": actions, "dataSafeStatus": actions, "databaseManagementStatus": actions, "operationsInsightsStatus": actions,
		"localAdgAutoFailoverMaxDataLossLimit": clones, "longTermBackupSchedules": actions,
		"keyVersionId": "dedicated infrastructure: " + otherTool, "maxCpuCoreCount": "deprecated; see cpuCoreCount",
	},
	unmatched: map[string]string{
		"adminPassword": "told to nobody", "secretId": onlyWrite, "secretVersionNumber": onlyWrite,
		"isPreviewVersionWithServiceTermsAccepted": onlyWrite,
	},
}}
