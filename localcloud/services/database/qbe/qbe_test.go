package qbe_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/services/database/qbe"
)

var people = map[string]string{
	"ann":  `{"name":"Ann","age":22,"city":{"zip":"10115","name":"Berlin"},"tags":["a","b"],"pets":[{"kind":"cat","age":3},{"kind":"dog","age":9}],"boss":null}`,
	"bob":  `{"name":"Bob","age":45,"city":{"zip":"94065","name":"Redwood"},"tags":["b"],"pets":[{"kind":"cat","age":9}],"active":true}`,
	"carl": `{"name":"Carl","age":31,"tags":[],"a.b":{"c":1},"active":false}`,
	"dora": `{"name":"dora_x","age":"45","city":[{"zip":"1"},{"zip":"2"}],"tags":"a"}`,
}

func TestMatch(t *testing.T) {
	for filter, want := range map[string]string{
		``:                                                      "ann bob carl dora",
		`{}`:                                                    "ann bob carl dora",
		`{"$query":{}}`:                                         "ann bob carl dora",
		`{"name":"Ann"}`:                                        "ann",
		`{"$query":{"name":"Ann"}}`:                             "ann",
		`{"$filter":{"name":"Ann"}}`:                            "ann",
		`{"name":{"$eq":"Ann"}}`:                                "ann",
		`{"age":45}`:                                            "bob",
		`{"age":{"$ne":45}}`:                                    "ann carl dora",
		`{"active":{"$ne":true}}`:                               "carl",
		`{"boss":null}`:                                         "ann",
		`{"age":{"$gt":22}}`:                                    "bob carl",
		`{"age":{"$gte":22,"$lt":45}}`:                          "ann carl",
		`{"age":{"$lte":22}}`:                                   "ann",
		`{"age":{"$between":[22,31]}}`:                          "ann carl",
		`{"age":{"$between":[null,30]}}`:                        "ann",
		`{"name":{"$gt":"B","$lt":"D"}}`:                        "bob carl",
		`{"age":{"$in":[22,"45"]}}`:                             "ann dora",
		`{"age":{"$nin":[22,45]}}`:                              "carl dora",
		`{"active":{"$nin":[true]}}`:                            "ann carl dora",
		`{"boss":{"$exists":true}}`:                             "ann",
		`{"active":{"$exists":false}}`:                          "ann dora",
		`{"active":{"$exists":0}}`:                              "ann dora",
		`{"name":{"$startsWith":"A"}}`:                          "ann",
		`{"name":{"$hasSubstring":"o"}}`:                        "bob dora",
		`{"name":{"$instr":"o"}}`:                               "bob dora",
		`{"name":{"$regex":"^[A-B].*"}}`:                        "ann bob",
		`{"name":{"$like":"_o_"}}`:                              "bob",
		`{"name":{"$like":"%r%"}}`:                              "carl dora",
		`{"name":{"$like":"."}}`:                                "",
		`{"city.zip":"10115"}`:                                  "ann",
		`{"city.zip":"2"}`:                                      "dora",
		`{"city[1].zip":"2"}`:                                   "dora",
		`{"city[0].zip":"2"}`:                                   "",
		`{"city[0].zip":"10115"}`:                               "ann",
		`{"city[0 to 1].zip":"2"}`:                              "dora",
		`{"city[*].zip":"1"}`:                                   "dora",
		`{"*.zip":"10115"}`:                                     "ann",
		"{\"`a.b`.c\":1}":                                       "carl",
		`{"city":{"zip":"10115","name":"Berlin"}}`:              "ann",
		`{"tags":"a"}`:                                          "ann dora",
		`{"tags":["b"]}`:                                        "bob",
		`{"tags":{"$all":["a","b"]}}`:                           "ann",
		`{"pets.kind":"cat","pets.age":9}`:                      "ann bob",
		`{"pets":{"kind":"cat","age":9}}`:                       "bob",
		`{"age":{"$not":{"$gt":30}}}`:                           "ann dora",
		`{"active":{"$not":{"$eq":true}}}`:                      "ann carl dora",
		`{"$not":{"name":"Ann"}}`:                               "bob carl dora",
		`{"$and":[{"age":{"$gt":20}},{"tags":"b"}]}`:            "ann bob",
		`{"$or":[{"name":"Ann"},{"name":"Carl"}]}`:              "ann carl",
		`{"$nor":[{"name":"Ann"},{"name":"Carl"}]}`:             "bob dora",
		`{"tags":"b","$or":[{"age":22},{"name":"Carl"}]}`:       "ann",
		`{"$id":"bob"}`:                                         "bob",
		`{"$id":["bob","carl","nobody"]}`:                       "bob carl",
		`{"$query":{"age":{"$gt":22}},"$orderby":[]}`:           "bob carl",
		`{"name":{"$startsWith":"A"},"age":{"$gte":22}}`:        "ann",
		`{"age":{"$in":[22,31]},"active":{"$exists":true}}`:     "carl",
		`{"$and":[{"$or":[{"age":22},{"age":31}]},{"age":31}]}`: "carl",
	} {
		query, err := qbe.Parse([]byte(filter))
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		var got []string
		for key, text := range people {
			if query.Match(key, decode(t, text)) {
				got = append(got, key)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s selects %v, want %s", filter, got, want)
		}
	}
}

func TestParseNamesWhatIsWrong(t *testing.T) {
	for filter, word := range map[string]string{
		`[]`:                                       "object",
		`{"$query":1}`:                             "object",
		`{"$bad":1}`:                               "$bad",
		`{"age":{"$near":1}}`:                      "$near",
		`{"name":{"$upper":{"$eq":"ANN"}}}`:        "$upper",
		`{"age":{"$not":{"age":1}}}`:               "age",
		`{"age":{"$gt":1,"zip":1}}`:                "mixed",
		`{"age":{"$in":1}}`:                        "$in",
		`{"age":{"$nin":1}}`:                       "$nin",
		`{"age":{"$gt":[1]}}`:                      "$gt",
		`{"age":{"$between":[1]}}`:                 "$between",
		`{"name":{"$startsWith":1}}`:               "$startsWith",
		`{"name":{"$regex":"("}}`:                  "$regex",
		`{"$or":{}}`:                               "$or",
		`{"$and":[1]}`:                             "$and",
		`{"a..b":1}`:                               "a..b",
		`{"a.":1}`:                                 "a.",
		`{"a[x]":1}`:                               "a[x]",
		`{"":1}`:                                   "path",
		`{"$query":{},"name":"Ann"}`:               "name",
		`{"$query":{},"$filter":{}}`:               "$filter",
		`{"$query":{},"$orderby":1}`:               "$orderby",
		`{"$orderby":[{"path":"a","order":"up"}]}`: "up",
		`{"$orderby":[{"path":"a","datatype":"blob"}]}`: "blob",
		`{"$orderby":{"a":2}}`:                          "a",
		`{"$id":1}`:                                     "$id",
	} {
		if _, err := qbe.Parse([]byte(filter)); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %v, want %q", filter, err, word)
		}
	}
}

func TestOrder(t *testing.T) {
	for order, want := range map[string]string{
		`[{"path":"name"}]`:                "ann bob carl dora",
		`[{"path":"name","order":"desc"}]`: "dora carl bob ann",
		`{"name":-1}`:                      "dora carl bob ann",
		`{"$fields":[{"path":"name","order":"desc"}],"$lax":true}`: "dora carl bob ann",
		`[{"path":"age","datatype":"number"},{"path":"name"}]`:     "ann carl bob dora",
		`[{"path":"active","order":"asc"},{"path":"name"}]`:        "carl bob ann dora",
		`[{"path":"active","order":"desc"},{"path":"name"}]`:       "ann dora bob carl",
		`{"age":-1,"name":-1}`:                                     "dora bob carl ann",
	} {
		query, err := qbe.Parse([]byte(`{"$orderby":` + order + `}`))
		if err != nil {
			t.Errorf("%s: %v", order, err)
			continue
		}
		keys := []string{"dora", "carl", "ann", "bob"}
		slices.SortStableFunc(keys, func(a, b string) int { return query.Compare(decode(t, people[a]), decode(t, people[b])) })
		if got := strings.Join(keys, " "); got != want || !query.Ordered() {
			t.Errorf("%s gives %s, want %s", order, got, want)
		}
	}
}

func decode(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
