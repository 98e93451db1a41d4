// Package database is OCI's Database service, cut to Autonomous Databases, and
// their REST front: ORDS with SODA for REST.
//
// # Differences from OCI
//
//   - The database keeps SODA collections and nothing else. There is no SQL
//     engine: ORDS's SQL endpoint knows the statements that make a database user
//     (CREATE USER, ALTER USER, GRANT, ORDS.ENABLE_SCHEMA, DROP USER) and
//     refuses the others; connection strings lead nowhere.
//   - Starting, stopping and changing a database is done when the request is
//     answered, without the states in between.
//   - Databases are found by the host name of their URLs, so that a private
//     endpoint's label can be used once per region, whatever the VCN.
//   - Clones, backups, Data Guard, wallets and moving a database between a public
//     and a private endpoint are refused.
//   - A client on this machine comes from its loopback address, as far as access
//     lists are concerned.
//   - Schemas are never open to anonymous callers, whatever p_auto_rest_auth
//     says, and failed logins do not lock an account.
//   - Documents are at most 8 MiB; collections have no indexes.
package database

import (
	"cmp"
	"slices"
	"strings"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/database"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

const ocidType = "autonomousdatabase"

// hidden are the members that OCI's AutonomousDatabase does not have.
var hidden = []string{"vnicId", "hostPrefix", "secretId", "secretVersionNumber"}

// Network gives private endpoints their place in a subnet. Details and network
// interfaces are in the words of OCI's CreateVnicDetails and Vnic, errors are OCI's.
type Network interface {
	// CheckVnic reports what CreateVnic would refuse. It is called while the
	// engine serialises changes.
	CheckVnic(details kind.Object) error
	// CreateVnic makes a network interface.
	CreateVnic(region string, details kind.Object) (kind.Object, error)
	// DeleteVnic removes one; it is no error if it is gone.
	DeleteVnic(vnicID string) error
}

// Secrets reads the passwords that are kept in Vault.
type Secrets interface {
	// Content returns the decoded content of a version of a secret; version 0
	// stands for the current one. Errors are OCI's. It is called while the engine
	// serialises changes.
	Content(secretID string, version int64) ([]byte, error)
}

// Service is the Database service.
type Service struct {
	database, ords *api.Service
	engine         *kind.Engine
	store          *store.Store
	network        Network
	secrets        Secrets
	users          *users
	documents      documents
}

// New registers the API's resources with the engine.
func New(engine *kind.Engine, s *store.Store, network Network, secrets Secrets) *Service {
	d := &Service{
		database: api.NewService("database", "database.{region}.oraclecloud.com"),
		ords:     api.NewService("ords", "{any}.adb.{region}.oraclecloudapps.com"),
		engine:   engine, store: s, network: network, secrets: secrets,
		users: newUsers(s), documents: documents{s},
	}
	d.ords.Resolve = func(host string) bool {
		o, found := d.byHost(host)
		return !found || engine.Resolves(o)
	}
	engine.Register(d.database, kind.Kind{
		Name: "AutonomousDatabase", Type: ocidType, Path: "/autonomousDatabases", Access: databaseAccess,
		Only:   []string{"Create", "Get", "Update", "Delete"},
		Create: createDetails(), Update: sdk.UpdateAutonomousDatabaseDetails{},
		Active: "AVAILABLE", Creating: "PROVISIONING", Updating: "UPDATING", Deleting: "TERMINATING", Gone: "TERMINATED",
		References: []string{"subnetId", "nsgIds"}, Hidden: hidden,
		WorkRequests: true, UpdateBody: true,
		Check: d.check, Defaults: d.defaults, Prepare: d.updated,
		Provision: d.provision, DeleteCheck: deleteCheck, Terminate: d.terminate,
	})
	d.database.Route("ListAutonomousDatabases", "GET /autonomousDatabases", api.On(api.InCompartment, d.list), "AUTONOMOUS_DATABASE_INSPECT")
	d.database.Route("ListAutonomousDbVersions", "GET /autonomousDbVersions", api.On(api.InCompartment, d.listVersions), "AUTONOMOUS_DATABASE_INSPECT")
	d.routeAction("Start", "AVAILABLE", "STOPPED")
	d.routeAction("Stop", "STOPPED", "AVAILABLE")
	d.routeAction("Restart", "AVAILABLE", "AVAILABLE")
	d.routeORDS()
	return d
}

// APIs returns the service's APIs: the Database service and ORDS.
func (d *Service) APIs() []*api.Service { return []*api.Service{d.database, d.ords} }

// createDetails is the request of CreateAutonomousDatabase, which is
// polymorphic: oci-go-sdk writes the discriminator source beside the members.
func createDetails() any {
	type CreateAutonomousDatabaseDetails struct {
		sdk.CreateAutonomousDatabaseDetails
		Source string `json:"source"`
	}
	return CreateAutonomousDatabaseDetails{}
}

// filters are the members that ListAutonomousDatabases filters by.
var filters = []string{
	"compartmentId", "autonomousContainerDatabaseId", "infrastructureType", "lifecycleState", "dbWorkload", "dbVersion",
	"displayName", "resourcePoolLeaderId",
}

// switches are those that are true or false, false when absent.
var switches = []string{"isFreeTier", "isRefreshableClone", "isDataGuardEnabled"}

func (d *Service) list(c *api.Call) (*api.Response, error) {
	matches := d.engine.Listed(ocidType, func(o kind.Object) bool {
		for _, name := range filters {
			if wanted := c.Query(name); wanted != "" && o.Str(name) != wanted {
				return false
			}
		}
		for _, name := range switches {
			if wanted := c.Query(name); wanted != "" && o.Bool(name) != (wanted == "true") {
				return false
			}
		}
		return o.Str("lifecycleState") != c.Query("lifecycleStateNotEqualTo") && regionOf(o) == c.Region
	})
	// OCI lists the newest first, names in alphabetical order.
	slices.SortStableFunc(matches, func(a, b kind.Object) int {
		order := cmp.Compare(b.Str("timeCreated"), a.Str("timeCreated"))
		if c.Query("sortBy") == "DISPLAYNAME" {
			order = cmp.Compare(a.Str("displayName"), b.Str("displayName"))
		}
		if wanted := c.Query("sortOrder"); wanted == "ASC" && c.Query("sortBy") != "DISPLAYNAME" || wanted == "DESC" && c.Query("sortBy") == "DISPLAYNAME" {
			return -order
		}
		return order
	})
	for i, o := range matches {
		matches[i] = visible(o)
	}
	return api.Page(c, matches, false)
}

func visible(o kind.Object) kind.Object {
	shown := o.Clone()
	for _, name := range hidden {
		delete(shown, name)
	}
	return shown
}

// versions are those that a new database can have; the first is the default.
var versions = []string{"19c", "23ai", "26ai"}

func (d *Service) listVersions(c *api.Call) (*api.Response, error) {
	rows := []kind.Object{}
	for i, version := range versions {
		for _, workload := range []string{"OLTP", "DW", "AJD", "APEX"} {
			if wanted := c.Query("dbWorkload"); wanted != "" && wanted != workload {
				continue
			}
			rows = append(rows, kind.Object{
				"version": version, "dbWorkload": workload, "isDedicated": false, "isPaidEnabled": true,
				"isFreeTierEnabled": workload != "AJD", "isDefaultForPaid": i == 0, "isDefaultForFree": i == 0 && workload != "AJD",
			})
		}
	}
	return api.Page(c, rows, false)
}

// routeAction serves an action that leaves a database in one state and needs
// another.
func (d *Service) routeAction(verb, to, from string) {
	operation := verb + "AutonomousDatabase"
	d.database.Route(operation, "POST /autonomousDatabases/{id}/actions/"+strings.ToLower(verb), func(c *api.Call) (*api.Response, error) {
		id := c.Param("id")
		var changed kind.Object
		response, err := d.engine.Act(c, ocidType, func(o kind.Object) error {
			if state := o.Str("lifecycleState"); state != from {
				return api.IncorrectState("%s needs an Autonomous Database that is %s; %s is %s.", operation, from, id, state)
			}
			o["lifecycleState"], o["timeUpdated"] = to, kind.Timestamp(time.Now())
			changed = o
			return nil
		})
		if err != nil {
			return nil, err
		}
		request, err := d.engine.WorkRequest(strings.ToUpper(verb)+"_AUTONOMOUS_DATABASE", changed)
		if err != nil {
			return nil, err
		}
		return response.With("opc-work-request-id", request), nil
	}, "AUTONOMOUS_DATABASE_UPDATE")
}

// regionOf returns the region inside a resource's OCID.
func regionOf(o kind.Object) string {
	if parts := strings.Split(o.Str("id"), "."); len(parts) > 3 {
		return parts[3]
	}
	return ""
}
