package kind

import "encoding/json"

// Inside returns all resources of a compartment, of any kind and in any state:
// one that is pending deletion is in it, too.
func (e *Engine) Inside(compartmentID string) ([]Object, error) {
	var found []Object
	err := e.store.Scan(table, "", func(_ string, raw json.RawMessage) error {
		var rec record
		if err := json.Unmarshal(raw, &rec); err != nil {
			return err
		}
		if rec.Object.Str("compartmentId") == compartmentID {
			found = append(found, rec.Object)
		}
		return nil
	})
	return found, err
}
