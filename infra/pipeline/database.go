package pipeline

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// databaseUser is the user that the app and the function work as. Its schema is
// REST-enabled from the start; any other would have to be created from inside the
// network first.
const databaseUser = "ADMIN"

// Database is the Autonomous JSON Database that keeps the analyses.
type Database struct {
	pulumi.ResourceState

	ID pulumi.StringOutput
	// OrdsURL is the base of the database's REST services; it ends in /ords/.
	OrdsURL pulumi.StringOutput
}

func newDatabase(s *stack, network *Network, secrets *Secrets) (*Database, error) {
	d := &Database{}
	child, err := s.component("Database", "database", d)
	if err != nil {
		return nil, err
	}
	name := s.names.compact(14)
	args := &autonomousDatabaseArgs{
		AdminPassword: secrets.DatabasePassword,
		CompartmentID: s.compartment(),
		DbName:        pulumi.String(name),
		DbVersion:     pulumi.String(s.settings.DatabaseVersion),
		DisplayName:   pulumi.String(s.names.display("database", 255)),
		FreeformTags:  s.tags,
		// The default is true, and up to three times the price.
		IsAutoScalingEnabled: pulumi.Bool(false),
		IsFreeTier:           pulumi.Bool(s.settings.DatabaseFreeTier),
		// What a JSON database requires; the default, BYOL, is refused.
		LicenseModel: pulumi.String("LICENSE_INCLUDED"),
	}
	if s.settings.DatabaseFreeTier {
		// Always Free offers JSON only as part of a transaction-processing database,
		// in one size.
		args.DbWorkload = pulumi.String("OLTP")
		args.CPUCoreCount = pulumi.Int(1)
		args.DataStorageSizeInTbs = pulumi.Int(1)
	} else {
		args.DbWorkload = pulumi.String("AJD")
		args.ComputeModel = pulumi.String("ECPU")
		args.ComputeCount = pulumi.Float64(float64(s.settings.DatabaseEcpus))
		args.DataStorageSizeInGb = pulumi.Int(s.settings.DatabaseStorageGb)
	}
	if s.settings.privateDatabase() {
		args.SubnetID = network.PrivateSubnetID
		args.NsgIDs = pulumi.StringArray{network.Groups[tierDatabase]}
		args.PrivateEndpointLabel = pulumi.String(name)
	} else {
		args.WhitelistedIPs = accessList(s.settings, network)
	}
	created, err := newAutonomousDatabase(s.ctx, "database", args, child)
	if err != nil {
		return nil, err
	}
	d.ID = created.ID().ToStringOutput()
	d.OrdsURL = whileThere(created.ID(), created.ConnectionURLs, ordsURL)
	return d, s.ctx.RegisterResourceOutputs(d, pulumi.Map{"databaseId": d.ID, "ordsUrl": d.OrdsURL})
}

// accessList lets in the configured addresses and this stack's network: by VCN for
// what comes through the service gateway, by address for what comes through NAT. So
// the list is never empty, which would mean everybody.
func accessList(settings Settings, network *Network) pulumi.StringArray {
	list := pulumi.StringArray{network.VcnID, network.NatIP}
	for _, entry := range settings.DatabaseAllowedIps {
		list = append(list, pulumi.String(entry))
	}
	return list
}

// ordsURL finds the ORDS base URL among a database's connection URLs. Where the
// service leaves it empty it is the APEX URL without its last part.
func ordsURL(urls []connectionURL) (string, error) {
	for _, u := range urls {
		if u.OrdsURL != nil && *u.OrdsURL != "" {
			base := strings.TrimRight(*u.OrdsURL, "/")
			if !strings.HasSuffix(base, "/ords") {
				base += "/ords"
			}
			return base + "/", nil
		}
		if u.ApexURL != nil && *u.ApexURL != "" {
			if before, _, found := strings.Cut(*u.ApexURL, "/ords"); found {
				return before + "/ords/", nil
			}
		}
	}
	return "", fmt.Errorf("the database has neither an ORDS URL nor an APEX URL that leads to one (%d connection URLs)", len(urls))
}
