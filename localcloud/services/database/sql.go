package database

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// sqlError is an error of a statement, as ORDS tells it within a 200.
type sqlError struct {
	code    int
	message string
}

func (e *sqlError) Error() string { return fmt.Sprintf("ORA-%05d: %s", e.code, e.message) }

// statements are those that make and remove a database user; each returns what
// SQL*Plus would say.
var statements = []struct {
	pattern *regexp.Regexp
	run     func(d *Service, s *session, match []string) (string, error)
}{
	{regexp.MustCompile(`(?is)^CREATE\s+USER\s+` + identifier + `\s+IDENTIFIED\s+BY\s+` + password + `(.*)$`), (*Service).createUser},
	{regexp.MustCompile(`(?is)^ALTER\s+USER\s+` + identifier + `(?:\s+IDENTIFIED\s+BY\s+` + password + `)?(.*)$`), (*Service).alterUser},
	{regexp.MustCompile(`(?is)^GRANT\s+(.+?)\s+TO\s+` + identifier + `$`), (*Service).grant},
	{regexp.MustCompile(`(?is)^DROP\s+USER\s+` + identifier + `(?:\s+CASCADE)?$`), (*Service).dropUser},
	{regexp.MustCompile(`(?is)^BEGIN\s+(.*?)\s*END$`), (*Service).block},
	{regexp.MustCompile(`(?is)^COMMIT(?:\s+WORK)?$`), func(*Service, *session, []string) (string, error) { return "Commit complete.", nil }},
}

const password = `("[^"]+"|\S+)`

// runSQL performs the statements of a script. As ORDS does, it answers 200 and
// tells errors statement by statement.
func (d *Service) runSQL(s *session) (*api.Response, error) {
	raw, err := s.ReadBody()
	if err != nil {
		return nil, err
	}
	script := string(raw)
	if media, _, _ := mime.ParseMediaType(s.Header.Get("Content-Type")); media == "application/json" {
		var body struct{ StatementText string }
		if err := json.Unmarshal(raw, &body); err != nil {
			return nil, refuse(http.StatusBadRequest, "The body must be a JSON object with statementText.")
		}
		script = body.StatementText
	}
	items := []map[string]any{}
	for i, one := range splitScript(script) {
		item := map[string]any{
			"statementId": i + 1, "statementText": masked(one.text), "result": 0,
			"statementPos": map[string]int{"startLine": one.start, "endLine": one.end},
		}
		said, err := d.runStatement(s, one.text)
		if failure, ok := errors.AsType[*sqlError](err); ok {
			item["errorCode"], item["errorDetails"], item["response"] = failure.code, failure.Error(), []string{"\nError report -\n" + failure.Error() + "\n"}
		} else if err != nil {
			return nil, err
		} else {
			item["response"] = []string{"\n" + said + "\n\n"}
		}
		items = append(items, item)
	}
	return api.OK(map[string]any{"env": map[string]string{"defaultTimeZone": "UTC"}, "items": items}), nil
}

var passwordClause = regexp.MustCompile(`(?is)(IDENTIFIED\s+BY\s+)("[^"]*"|\S+)`)

// masked hides the password of a statement, which answers repeat.
func masked(text string) string { return passwordClause.ReplaceAllString(text, "${1}***") }

func (d *Service) runStatement(s *session, text string) (string, error) {
	for _, one := range statements {
		match := one.pattern.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		if s.user.Name != admin {
			return "", &sqlError{1031, "insufficient privileges"}
		}
		return one.run(d, s, match)
	}
	return "", &sqlError{900, "invalid SQL statement: the local cloud runs CREATE USER, ALTER USER, GRANT, DROP USER, COMMIT and ORDS.ENABLE_SCHEMA only"}
}

func (d *Service) createUser(s *session, match []string) (string, error) {
	one := user{Name: identified(match[1])}
	_, exists, err := d.users.get(s.databaseID, one.Name)
	if err != nil {
		return "", err
	}
	if exists {
		return "", &sqlError{1920, "user name '" + one.Name + "' conflicts with another user or role name"}
	}
	if err := one.change(match[2], match[3]); err != nil {
		return "", err
	}
	return "User " + one.Name + " created.", d.users.put(s.databaseID, one)
}

func (d *Service) alterUser(s *session, match []string) (string, error) {
	one, err := d.existing(s, match[1])
	if err != nil {
		return "", err
	}
	if err := one.change(match[2], match[3]); err != nil {
		return "", err
	}
	return "User " + one.Name + " altered.", d.users.put(s.databaseID, one)
}

var (
	quotaClause = regexp.MustCompile(`(?i)\bQUOTA\s+(UNLIMITED|[0-9]+[KMGT]?)\s+ON\s+` + identifier)
	otherClause = regexp.MustCompile(`(?i)\b((DEFAULT|TEMPORARY)\s+TABLESPACE\s+` + identifier + `|ACCOUNT\s+UNLOCK|PROFILE\s+` + identifier + `|DEFAULT\s+ROLE\s+ALL)`)
)

// change applies the clauses of CREATE and ALTER USER.
func (one *user) change(password, clauses string) error {
	if password != "" {
		plain := strings.Trim(password, `"`)
		if err := checkComplexity(one.Name, plain); err != nil {
			e, _ := errors.AsType[*api.Error](err)
			return &sqlError{28003, "password verification for the specified password failed: " + e.Message}
		}
		if err := one.setPassword(plain); err != nil {
			return err
		}
	}
	for _, quota := range quotaClause.FindAllStringSubmatch(clauses, -1) {
		if identified(quota[2]) == "DATA" {
			one.Quota = strings.Trim(quota[1], "0") != ""
		}
	}
	rest := strings.TrimSpace(otherClause.ReplaceAllString(quotaClause.ReplaceAllString(clauses, ""), ""))
	if rest != "" || password == "" && strings.TrimSpace(clauses) == "" {
		return &sqlError{922, "missing or invalid option: " + rest}
	}
	return nil
}

func (d *Service) existing(s *session, name string) (user, error) {
	one, ok, err := d.users.get(s.databaseID, identified(name))
	if err == nil && !ok {
		return one, &sqlError{1918, "user '" + identified(name) + "' does not exist"}
	}
	return one, err
}

// granted are the roles and privileges that matter for a schema with
// collections; the other known ones change nothing here.
var granted = map[string]func(*user){
	"CONNECT": func(u *user) { u.Session = true }, "CREATE SESSION": func(u *user) { u.Session = true },
	"DWROLE": func(u *user) { u.Session = true }, "SODA_APP": func(u *user) { u.Soda = true },
	"DB_DEVELOPER_ROLE":    func(u *user) { u.Session, u.Soda = true, true },
	"UNLIMITED TABLESPACE": func(u *user) { u.Quota = true },
	"RESOURCE":             func(*user) {}, "CREATE TABLE": func(*user) {}, "CREATE VIEW": func(*user) {},
	"CREATE SEQUENCE": func(*user) {}, "CREATE PROCEDURE": func(*user) {}, "CREATE TRIGGER": func(*user) {}, "CREATE TYPE": func(*user) {},
}

func (d *Service) grant(s *session, match []string) (string, error) {
	one, err := d.existing(s, match[2])
	if err != nil {
		return "", err
	}
	for what := range strings.SplitSeq(match[1], ",") {
		name := strings.ToUpper(strings.Join(strings.Fields(what), " "))
		apply, known := granted[name]
		if !known {
			return "", &sqlError{1919, "role '" + name + "' does not exist (or the local cloud does not know it)"}
		}
		apply(&one)
	}
	return "Grant succeeded.", d.users.put(s.databaseID, one)
}

func (d *Service) dropUser(s *session, match []string) (string, error) {
	one, err := d.existing(s, match[1])
	if err != nil {
		return "", err
	}
	if one.Name == admin {
		return "", &sqlError{28222, "may not modify reserved user"}
	}
	if err := d.documents.remove(s.databaseID + "/" + one.Name); err != nil {
		return "", err
	}
	return "User " + one.Name + " dropped.", d.store.Delete(usersTable, userKey(s.databaseID, one.Name))
}

var (
	enableCall = regexp.MustCompile(`(?is)^ORDS(?:_ADMIN)?\s*\.\s*ENABLE_SCHEMA\s*(?:\((.*)\))?$`)
	argument   = regexp.MustCompile(`(?is)^\s*(p_[a-z_]+)\s*=>\s*(?:'([^']*)'|(TRUE|FALSE))\s*$`)
)

// block runs a PL/SQL block of calls to ORDS.ENABLE_SCHEMA.
func (d *Service) block(s *session, match []string) (string, error) {
	for call := range strings.SplitSeq(match[1], ";") {
		call = strings.TrimSpace(call)
		if call == "" || strings.EqualFold(call, "COMMIT") || strings.EqualFold(call, "NULL") {
			continue
		}
		enable := enableCall.FindStringSubmatch(call)
		if enable == nil {
			return "", &sqlError{6550, "the local cloud's PL/SQL knows ORDS.ENABLE_SCHEMA, COMMIT and NULL only"}
		}
		if err := d.enableSchema(s, enable[1]); err != nil {
			return "", err
		}
	}
	return "PL/SQL procedure successfully completed.", nil
}

func (d *Service) enableSchema(s *session, text string) error {
	arguments := map[string]string{"p_enabled": "TRUE", "p_schema": s.user.Name, "p_url_mapping_type": "BASE_PATH", "p_auto_rest_auth": "TRUE"}
	for one := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		match := argument.FindStringSubmatch(one)
		if match == nil {
			return &sqlError{6550, "ORDS.ENABLE_SCHEMA: the local cloud takes named arguments with literals, not " + strings.TrimSpace(one)}
		}
		arguments[strings.ToLower(match[1])] = match[2] + strings.ToUpper(match[3])
	}
	if arguments["p_url_mapping_type"] != "BASE_PATH" {
		return &sqlError{6550, "ORDS.ENABLE_SCHEMA: the local cloud knows p_url_mapping_type BASE_PATH only"}
	}
	one, err := d.existing(s, `"`+arguments["p_schema"]+`"`)
	if err != nil {
		return err
	}
	alias := arguments["p_url_mapping_pattern"]
	if alias == "" {
		alias = strings.ToLower(one.Name)
	}
	if owner, taken, err := d.users.byAlias(s.databaseID, alias); err != nil {
		return err
	} else if taken && owner.Name != one.Name {
		return &sqlError{20012, "the URL mapping pattern " + alias + " is that of schema " + owner.Name}
	}
	one.Alias = alias
	if arguments["p_enabled"] == "FALSE" {
		one.Alias = ""
	}
	return d.users.put(s.databaseID, one)
}
