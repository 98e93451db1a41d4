package database_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// bootstrap makes a user that may keep collections and no more.
const bootstrap = `-- the pipeline's user; "quoted" words in a comment do no harm
CREATE USER pipeline IDENTIFIED BY "Pipes; 4ndHorses" QUOTA UNLIMITED ON DATA;
GRANT CONNECT, RESOURCE, SODA_APP TO pipeline;
BEGIN
  ORDS.ENABLE_SCHEMA(p_enabled => TRUE, p_schema => 'PIPELINE', p_url_mapping_type => 'BASE_PATH',
    p_url_mapping_pattern => 'pipeline', p_auto_rest_auth => TRUE);
  COMMIT;
END;
/
COMMIT;
`

type item struct {
	StatementText, ErrorDetails string
	ErrorCode                   int
	Response                    []string
	StatementPos                struct{ StartLine, EndLine int }
}

// sql runs a script and returns what was said of each statement.
func (s schema) sql(script string) []item {
	s.t.Helper()
	got := s.want(200, "POST", "_/sql", script, "Content-Type", "application/sql")
	var answer struct{ Items []item }
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
		s.t.Fatal(err)
	}
	return answer.Items
}

func TestBootstrapOfALeastPrivilegedUser(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	admin := r.admin(t, db)
	pipeline := schema{t, r.Client, *db.ConnectionUrls.OrdsUrl + "pipeline/", "PIPELINE", "Pipes; 4ndHorses"}
	pipeline.want(404, "GET", "soda/latest", "")
	items := admin.sql(bootstrap)
	if len(items) != 4 {
		t.Fatalf("%d statements, want 4: %+v", len(items), items)
	}
	for _, one := range items {
		if one.ErrorCode != 0 || strings.Contains(one.StatementText, "Horses") {
			t.Errorf("statement %+v", one)
		}
	}
	if p := items[2].StatementPos; p.StartLine != 4 || p.EndLine != 8 {
		t.Errorf("the block stands at %+v", p)
	}
	pipeline.want(201, "PUT", "soda/latest/C", clientKeys)
	pipeline.want(201, "PUT", "soda/latest/C/k", `{"a":1}`)
	admin.want(404, "GET", "soda/latest/C", "")
	pipeline.base = admin.base
	pipeline.want(403, "GET", "soda/latest", "")
	pipeline.base = *db.ConnectionUrls.OrdsUrl + "pipeline/"
	if items := pipeline.sql("DROP USER admin CASCADE"); items[0].ErrorCode != 1031 {
		t.Errorf("dropping ADMIN: %+v", items)
	}

	if items := admin.sql(`ALTER USER pipeline IDENTIFIED BY N3wPipesAndHorses`); items[0].ErrorCode != 0 {
		t.Fatalf("alter: %+v", items)
	}
	pipeline.want(401, "GET", "soda/latest", "")
	pipeline.password = "N3wPipesAndHorses"
	pipeline.want(200, "GET", "soda/latest/C/k", "")
	body, err := json.Marshal(map[string]string{"statementText": "DROP USER pipeline CASCADE;"})
	if err != nil {
		t.Fatal(err)
	}
	if got := admin.want(200, "POST", "_/sql", string(body), "Content-Type", "application/json"); !strings.Contains(got.body, "PIPELINE dropped") {
		t.Fatalf("drop: %s", got.body)
	}
	pipeline.want(404, "GET", "soda/latest", "")
	admin.sql(bootstrap)
	pipeline.password = "Pipes; 4ndHorses"
	pipeline.want(404, "GET", "soda/latest/C", "")
}

// Each part of the bootstrap is needed.
func TestAUserNeedsItsGrants(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	admin := r.admin(t, db)
	for name, c := range map[string]struct {
		leave, put string
		status     int
		word       string
	}{
		"SODA_APP":        {", SODA_APP", "", 403, "SODA_APP"},
		"CREATE SESSION":  {"CONNECT, ", "", 403, "CREATE SESSION"},
		"a quota":         {" QUOTA UNLIMITED ON DATA", "", 403, "quota"},
		"to be enabled":   {"p_enabled => TRUE", "p_enabled => FALSE", 404, "REST-enabled"},
		"the right alias": {"'pipeline'", "'pipe'", 404, "REST-enabled"},
	} {
		t.Run(name, func(t *testing.T) {
			admin.t = t
			admin.sql(strings.Replace(bootstrap, c.leave, c.put, 1))
			defer admin.sql("DROP USER pipeline CASCADE")
			pipeline := schema{t, r.Client, *db.ConnectionUrls.OrdsUrl + "pipeline/", "PIPELINE", "Pipes; 4ndHorses"}
			if got := pipeline.want(c.status, "PUT", "soda/latest/C", ""); !strings.Contains(got.body, c.word) {
				t.Errorf("body %s, want %q", got.body, c.word)
			}
		})
	}
}

func TestSQLErrorsAreToldPerStatement(t *testing.T) {
	r := newRig(t)
	admin := r.admin(t, r.create(t, details()))
	for script, code := range map[string]int{
		"SELECT 1 FROM dual":                                                  900,
		"CREATE USER short IDENTIFIED BY tiny":                                28003,
		"CREATE USER admin IDENTIFIED BY An0therHorseBattery":                 1920,
		"CREATE USER u IDENTIFIED BY An0therHorseBattery FLY HIGH":            922,
		"ALTER USER nobody IDENTIFIED BY An0therHorseBattery":                 1918,
		"ALTER USER admin":                                                    922,
		"GRANT SODA_APP TO nobody":                                            1918,
		"GRANT SUPERPOWER TO admin":                                           1919,
		"DROP USER admin CASCADE":                                             28222,
		"BEGIN DBMS_OUTPUT.PUT_LINE('x'); END;":                               6550,
		"BEGIN ORDS.ENABLE_SCHEMA(p_schema => 'NOBODY'); END;":                1918,
		"BEGIN ORDS.ENABLE_SCHEMA('X'); END;":                                 6550,
		"BEGIN ORDS.ENABLE_SCHEMA(p_url_mapping_type => 'BASE_URL'); END;\n/": 6550,
	} {
		if items := admin.sql(script); len(items) != 1 || items[0].ErrorCode != code || !strings.HasPrefix(items[0].ErrorDetails, "ORA-") {
			t.Errorf("%s: %+v, want %d", script, items, code)
		}
	}
	if items := admin.sql("COMMIT;\nFOO;\nCOMMIT"); len(items) != 3 || items[1].ErrorCode != 900 || items[2].ErrorCode != 0 {
		t.Errorf("items %+v", items)
	}
}
