package recovery

import (
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// properties reads a resource's properties from a state. Secrets that are encrypted,
// and values that are no data (assets, references), are left out.
func properties(object any) resource.PropertyMap {
	plain, _ := value(object).(map[string]any)
	return resource.NewPropertyMapFromMap(plain)
}

// value is a property's value in plain Go types, nil if it cannot be told.
func value(v any) any {
	switch v := v.(type) {
	case json.Number:
		number, err := v.Float64()
		if err != nil {
			return nil
		}
		return number
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = value(item)
		}
		return items
	case map[string]any:
		if signature, special := v[resource.SigKey]; special {
			return secret(signature, v)
		}
		object := map[string]any{}
		for key, member := range v {
			if told := value(member); told != nil {
				object[key] = told
			}
		}
		return object
	}
	return v
}

// secret is the value of a secret that an export shows.
func secret(signature any, v map[string]any) any {
	shown, ok := v["plaintext"].(string)
	if signature != resource.SecretSig || !ok {
		return nil
	}
	var content any
	if decode([]byte(shown), &content) != nil {
		return nil
	}
	return value(content)
}
