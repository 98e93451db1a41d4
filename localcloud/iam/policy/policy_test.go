package policy_test

import (
	"errors"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/iam/policy"
)

const compartment = "ocid1.compartment.oc1..aaaa"

func TestStatements(t *testing.T) {
	for text, check := range map[string]func(*policy.Statement) bool{
		"allow dynamic-group id ocid1.dynamicgroup.oc1..x to read repos in compartment id " + compartment: func(s *policy.Statement) bool {
			return s.Subject.Type == "dynamic-group" && s.Subject.IDs && s.Verb == "read" && s.ResourceType == "repos" && s.Location.CompartmentID == compartment
		},
		"Allow any-user to use fn-invocation in compartment id " + compartment + " where all {request.principal.type='eventrule', request.principal.compartment.id='C'}": func(s *policy.Statement) bool {
			return len(s.Where.All) == 2 && s.Where.All[0].Values[0].Text == "eventrule"
		},
		"allow service FaaS, cloudEvents to use virtual-network-family in tenancy": func(s *policy.Statement) bool {
			return s.Location.Tenancy && len(s.Subject.Names) == 2
		},
		"allow group 'Default'/'Admins' to manage all-resources in compartment a:b": func(s *policy.Statement) bool {
			return s.Subject.Names[0] == "Default/Admins" && s.Location.Compartment == "a:b"
		},
		"allow dynamic-group dg to manage objects in compartment c where all {target.bucket.name = 'b', any {request.permission = 'OBJECT_CREATE', request.permission = 'OBJECT_READ'}}": func(s *policy.Statement) bool {
			return s.Where.All[1].Any[1].Variable == "request.permission"
		},
		"allow service faas to {KEY_READ, KEY_VERIFY} in tenancy where request.operation = /List*/": func(s *policy.Statement) bool {
			return len(s.Permissions) == 2 && s.Where.Values[0].Pattern
		},
		"allow group g to use keys in tenancy where target.key.id not in ('a', 'b')": func(s *policy.Statement) bool {
			return s.Where.Operator == "not in" && len(s.Where.Values) == 2
		},
	} {
		s, err := policy.Parse(text)
		if err != nil || !check(s) {
			t.Errorf("%s: %+v %v", text, s, err)
		}
	}
}

func TestBadStatements(t *testing.T) {
	for text, words := range map[string]string{
		"":                                       "empty",
		"permit any-user to use keys in tenancy": "begins with allow",
		"endorse group g to use keys in tenancy": "endorse",
		"allow someone to use keys in tenancy":   "subject",
		"allow dynamic-group id dg to use keys in tenancy":                              "OCID",
		"allow any-user use keys in tenancy":                                            `"to"`,
		"allow any-user to use keys":                                                    `"in"`,
		"allow any-user to use keys in region":                                          "location",
		"allow any-user to use keys in compartment id prod":                             "OCID",
		"allow any-user to use keys in tenancy where bucket = 'b'":                      "variable",
		"allow any-user to use keys in tenancy where target.key.id 'b'":                 "expected",
		"allow any-user to use keys in tenancy where all {target.key.id = 'b'":          "commas",
		"allow any-user to use keys in tenancy where target.key.id = 'b":                "quote",
		"allow any-user to use keys in tenancy please":                                  "left over",
		"allow any-user to use keys in tenancy where target.key.id = 'a', target.x='2'": "left over",
		"allow any-user to read objects in tenancy where target.bucket.name=photos":     "Invalid right-hand side",
	} {
		if _, err := policy.Parse(text); err == nil || !strings.Contains(err.Error(), words) || errors.Is(err, policy.ErrNoPermissions) {
			t.Errorf("%s: %v, want %q", text, err, words)
		}
	}
	for _, text := range []string{"allow any-user to write keys in tenancy", "allow any-user to use secret-bundle in tenancy"} {
		if _, err := policy.Parse(text); !errors.Is(err, policy.ErrNoPermissions) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestMatchingRules(t *testing.T) {
	for _, text := range []string{
		"ALL {resource.type = 'fnfunc', resource.compartment.id = 'C'}", "resource.id = 'ocid1.x'",
		"Any {instance.id = 'a', All {instance.compartment.id = 'b', tag.ops.team.value}}",
	} {
		if _, err := policy.ParseRule(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, words := range map[string]string{
		"":                                  "empty",
		"everything":                        "variable",
		"ALL {resource.type = 'fnfunc'":     "commas",
		"resource.type in ('fnfunc')":       "= or !=",
		"target.bucket.name = 'b'":          "cannot look at",
		"resource.type = 'a' resource.id":   "left over",
		"ALL resource.type = 'fnfunc'":      `"{"`,
		"ALL {resource.type 'fnfunc'}":      "expected",
		"ALL {resource.type = 'a', }":       "variable",
		"ALL {resource.type = 'a'} or more": "left over",
	} {
		if _, err := policy.ParseRule(text); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", text, err, words)
		}
	}
}
