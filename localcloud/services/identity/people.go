package identity

import (
	"crypto/rsa"
	"slices"
	"strings"
	"sync/atomic"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam/policy"
	"oci-media-pipelines/localcloud/kind"
)

// people keeps what every request asks for: users with their groups and keys, and
// the compartments' tree. It is read from the engine again after a change.
type people struct {
	service    *Service
	generation atomic.Int64
	latest     atomic.Pointer[directory]
}

// directory is one reading. It does not change.
type directory struct {
	generation int64
	users      map[string]policy.Caller
	keys       map[string]*rsa.PublicKey
	// paths lead from each compartment up to the root.
	paths map[string][]policy.Compartment
	root  policy.Compartment
}

// changed says that the next to ask must read again.
func (p *people) changed() { p.generation.Add(1) }

func (p *people) now() *directory {
	generation := p.generation.Load()
	if d := p.latest.Load(); d != nil && d.generation == generation {
		return d
	}
	d := p.service.readDirectory()
	d.generation = generation
	p.latest.Store(d)
	return d
}

func (s *Service) readDirectory() *directory {
	d := &directory{
		users: map[string]policy.Caller{}, keys: map[string]*rsa.PublicKey{}, paths: map[string][]policy.Compartment{},
		root: policy.Compartment{ID: s.tenancy.ID, Name: s.tenancy.Namespace},
	}
	groups := map[string]policy.Group{}
	for _, o := range s.engine.List(typeGroup, nil) {
		groups[o.Str("id")] = policy.Group{ID: o.Str("id"), Name: o.Str("name")}
	}
	in := map[string][]policy.Group{}
	for _, o := range s.engine.List(typeMembership, nil) {
		in[o.Str("userId")] = append(in[o.Str("userId")], groups[o.Str("groupId")])
	}
	for _, o := range s.engine.List(typeUser, nil) {
		id := o.Str("id")
		d.users[id] = policy.Caller{Kind: policy.User, ID: id, Name: o.Str("name"), Groups: in[id]}
	}
	for _, o := range s.engine.List(typeAPIKey, nil) {
		// It was checked when it was uploaded.
		if key, err := readPublicKey(o.Str("keyValue")); err == nil && d.users[o.Str("userId")].ID != "" {
			d.keys[o.Str("userId")+"/"+o.Str("fingerprint")] = key
		}
	}
	made := map[string]kind.Object{}
	for _, o := range s.engine.List(typeCompartment, nil) {
		made[o.Str("id")] = o
	}
	for id := range made {
		var path []policy.Compartment
		for o := made[id]; o != nil; o = made[o.Str("compartmentId")] {
			path = append(path, policy.Compartment{ID: o.Str("id"), Name: o.Str("name")})
			if parent := o.Str("compartmentId"); made[parent] == nil && parent != d.root.ID {
				path = append(path, policy.Compartment{ID: parent, Name: givenName(parent)})
			}
		}
		d.paths[id] = append(path, d.root)
	}
	return d
}

// path leads from a compartment up to the root. One that was not made here is right
// below it.
func (d *directory) path(id string) []policy.Compartment {
	if path, ok := d.paths[id]; ok {
		return path
	}
	if id == d.root.ID || id == "" {
		return []policy.Compartment{d.root}
	}
	return []policy.Compartment{{ID: id, Name: givenName(id)}, d.root}
}

// names reports whether a compartment, named as in a statement, is at or below the
// one that the policy is in. Right below the root any name may be that of one that
// the local cloud takes as given.
func (d *directory) names(policyIn, name string) bool {
	if policyIn == d.root.ID && !strings.Contains(name, ":") {
		return true
	}
	location := policy.Location{Compartment: name}
	if location.Covers(d.path(policyIn), 0) {
		return true
	}
	for _, path := range d.paths {
		at := slices.IndexFunc(path, func(c policy.Compartment) bool { return c.ID == policyIn })
		if at > 0 && location.Covers(path, at) {
			return true
		}
	}
	return false
}

// givenName is the name of a compartment that the local cloud takes as given.
func givenName(id string) string { return id[strings.LastIndex(id, ".")+1:] }

// APIKey finds a key that a user has uploaded.
func (s *Service) APIKey(userID, fingerprint string) (*rsa.PublicKey, bool) {
	key, ok := s.people.now().keys[userID+"/"+fingerprint]
	return key, ok
}

// peopleChange, peopleUpdate and peopleDelete are the hooks of the kinds that a
// directory is read from.
func (s *Service) peopleChange(*api.Call, kind.Object) error {
	s.people.changed()
	return nil
}

func (s *Service) peopleUpdate(*api.Call, kind.Object, kind.Object) error {
	s.people.changed()
	return nil
}

func (s *Service) peopleDelete(kind.Object) error {
	s.people.changed()
	return nil
}
