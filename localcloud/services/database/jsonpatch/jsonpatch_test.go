package jsonpatch_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/services/database/jsonpatch"
)

func TestApply(t *testing.T) {
	for name, c := range map[string]struct{ document, patch, want string }{
		"add a member":          {`{"a":1}`, `[{"op":"add","path":"/b","value":{"c":[]}}]`, `{"a":1,"b":{"c":[]}}`},
		"add null":              {`{}`, `[{"op":"add","path":"/b","value":null}]`, `{"b":null}`},
		"add into an array":     {`{"a":[1,3]}`, `[{"op":"add","path":"/a/1","value":2}]`, `{"a":[1,2,3]}`},
		"append":                {`{"a":[1]}`, `[{"op":"add","path":"/a/-","value":2}]`, `{"a":[1,2]}`},
		"remove a member":       {`{"a":1,"b":2}`, `[{"op":"remove","path":"/b"}]`, `{"a":1}`},
		"remove an element":     {`{"a":[1,2,3]}`, `[{"op":"remove","path":"/a/1"}]`, `{"a":[1,3]}`},
		"replace":               {`{"a":{"b":1}}`, `[{"op":"replace","path":"/a/b","value":2}]`, `{"a":{"b":2}}`},
		"replace an element":    {`{"a":[1,2]}`, `[{"op":"replace","path":"/a/0","value":9}]`, `{"a":[9,2]}`},
		"replace everything":    {`{"a":1}`, `[{"op":"replace","path":"","value":{"z":1}}]`, `{"z":1}`},
		"test, then replace":    {`{"a":[1]}`, `[{"op":"test","path":"/a","value":[1]},{"op":"replace","path":"/a","value":2}]`, `{"a":2}`},
		"move":                  {`{"a":{"b":1}}`, `[{"op":"move","from":"/a/b","path":"/c"}]`, `{"a":{},"c":1}`},
		"copy is independent":   {`{"a":{"b":[1]}}`, `[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/b/-","value":2}]`, `{"a":{"b":[1]},"c":{"b":[1,2]}}`},
		"names with ~ and /":    {`{"a/b":1,"c~d":2}`, `[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/c~0d","value":3}]`, `{"c~d":3}`},
		"the name may be empty": {`{"":1}`, `[{"op":"replace","path":"/","value":2}]`, `{"":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			var document any
			if err := json.Unmarshal([]byte(c.document), &document); err != nil {
				t.Fatal(err)
			}
			changed, err := jsonpatch.Apply(document, []byte(c.patch))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(changed)
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	for patch, word := range map[string]string{
		`{}`:                                       "array",
		`[{"op":"jump","path":"/a"}]`:              "unknown operation",
		`[{"op":"add","value":1}]`:                 "path is missing",
		`[{"op":"add","path":"/b"}]`:               "value is missing",
		`[{"op":"add","path":"b","value":1}]`:      "begin with /",
		`[{"op":"add","path":"/x/y","value":1}]`:   `"x" is not there`,
		`[{"op":"add","path":"/a/9","value":1}]`:   "position",
		`[{"op":"add","path":"/a/01","value":1}]`:  "position",
		`[{"op":"remove","path":"/x"}]`:            `"x" is not there`,
		`[{"op":"remove","path":"/a/1"}]`:          "position",
		`[{"op":"remove","path":""}]`:              "whole document",
		`[{"op":"replace","path":"/x","value":1}]`: `"x" is not there`,
		`[{"op":"move","path":"/x"}]`:              "from is missing",
		`[{"op":"copy","from":"/x","path":"/y"}]`:  `"x" is not there`,
		`[{"op":"add","path":"/s/t","value":1}]`:   "scalar",
	} {
		document := map[string]any{"a": []any{1.0}, "s": "text"}
		if _, err := jsonpatch.Apply(document, []byte(patch)); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %v, want %q", patch, err, word)
		}
	}
	_, err := jsonpatch.Apply(map[string]any{"a": 1.0}, []byte(`[{"op":"test","path":"/a","value":2}]`))
	if !errors.Is(err, jsonpatch.ErrTestFailed) {
		t.Errorf("error %v", err)
	}
}
