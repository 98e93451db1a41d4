package cloud

// Operation is one that a service of the cloud serves.
type Operation struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	// Permissions are those that it may ask its caller for; none for operations
	// that check their callers by other means than policies.
	Permissions []string `json:"permissions"`
}

// Operations returns all operations that the cloud serves, service by service, in
// the order in which the services declare them.
func (c *Cloud) Operations() []Operation {
	var all []Operation
	for _, service := range c.services.apis() {
		permissions, told := service.Permissions(), map[string]bool{}
		for _, name := range service.Operations {
			// An operation may have more than one path.
			if !told[name] {
				all = append(all, Operation{Service: service.Name, Operation: name, Permissions: permissions[name]})
			}
			told[name] = true
		}
	}
	return all
}
