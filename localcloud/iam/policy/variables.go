package policy

import (
	"strconv"
	"strings"
	"time"
)

// values returns a variable's values, of which there may be several, and whether it
// applies to the request (documentation: General Variables for All Requests).
func (a *Ask) values(name string) ([]string, bool) {
	if strings.HasPrefix(name, "target.") {
		return a.target(name)
	}
	name = strings.ToLower(name)
	switch {
	case strings.HasPrefix(name, "request.user."), name == "request.groups.id":
		return a.user(name)
	case strings.HasPrefix(name, "request.principal."):
		return a.principal(name)
	case strings.HasPrefix(name, "request.utc-timestamp"):
		return a.time(name)
	}
	switch name {
	case "request.permission":
		return one(a.Permission)
	case "request.operation":
		return one(a.Operation)
	case "request.region":
		return one(a.Region)
	case "request.networksource.name":
		return one(a.NetworkSource)
	}
	return nil, false
}

func one(value string) ([]string, bool) { return []string{value}, value != "" }

// target knows the compartment by itself; the other variables are the service's.
// Lists are of a compartment, too, but target.compartment.* does not apply to
// ListCompartments, as the page Details for IAM says.
func (a *Ask) target(name string) ([]string, bool) {
	for given, value := range a.Target {
		if strings.EqualFold(given, name) {
			return one(value)
		}
	}
	if len(a.Path) == 0 || a.Operation == "ListCompartments" {
		return nil, false
	}
	switch strings.ToLower(name) {
	case "target.compartment.id":
		return one(a.Path[0].ID)
	case "target.compartment.name":
		return one(a.Path[0].Name)
	}
	return nil, false
}

func (a *Ask) user(name string) ([]string, bool) {
	if a.Caller.Kind != User {
		return nil, false
	}
	switch name {
	case "request.user.id":
		return one(a.Caller.ID)
	case "request.user.name":
		return one(a.Caller.Name)
	case "request.groups.id":
		ids := make([]string, len(a.Caller.Groups))
		for i, group := range a.Caller.Groups {
			ids[i] = group.ID
		}
		return ids, true
	}
	return nil, false
}

func (a *Ask) principal(name string) ([]string, bool) {
	switch name {
	case "request.principal.type":
		return one([]string{"user", a.Caller.ResourceType, "service"}[a.Caller.Kind])
	case "request.principal.id":
		return one(a.Caller.ID)
	case "request.principal.compartment.id":
		return one(a.Caller.CompartmentID)
	case "request.principal.name":
		return one(a.Caller.Name)
	}
	return nil, false
}

// time are the variables of Restricting Access to Resources Based on Time Frame.
func (a *Ask) time(name string) ([]string, bool) {
	if a.Time.IsZero() {
		return nil, false
	}
	at := a.Time.UTC()
	switch name {
	case "request.utc-timestamp":
		return one(at.Format(time.RFC3339))
	case "request.utc-timestamp.month-of-year":
		return one(strconv.Itoa(int(at.Month())))
	case "request.utc-timestamp.day-of-month":
		return one(strconv.Itoa(at.Day()))
	case "request.utc-timestamp.day-of-week":
		return one(at.Weekday().String())
	case "request.utc-timestamp.time-of-day":
		return one(at.Format("15:04:05Z"))
	}
	return nil, false
}
