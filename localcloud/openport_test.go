package main

import (
	"slices"
	"testing"
)

func TestChoosePort(t *testing.T) {
	for name, c := range map[string]struct {
		configured int
		earlier    ports
		taken      []int // by anything, the stack's own load balancer included
		own        []int
		deployed   bool
		want       int
	}{
		"free":                                       {configured: 8080, want: 8080},
		"taken by another program":                   {configured: 8080, taken: []int{8080}, want: 8081},
		"and the next one, too":                      {configured: 8080, taken: []int{8080, 8081}, want: 8082},
		"privileged":                                 {configured: 80, taken: []int{80, 8080}, want: 8081},
		"taken by the stack itself":                  {configured: 8080, taken: []int{8080}, own: []int{8080}, deployed: true, want: 8080},
		"chosen earlier":                             {configured: 8080, earlier: ports{8080, 9000}, taken: []int{8080, 9000}, own: []int{9000}, deployed: true, want: 9000},
		"chosen earlier, configured free again":      {configured: 8080, earlier: ports{8080, 9000}, taken: []int{9000}, own: []int{9000}, deployed: true, want: 9000},
		"chosen for a stack that is gone":            {configured: 8080, earlier: ports{8080, 9000}, want: 8080},
		"chosen by a preview":                        {configured: 8080, earlier: ports{8080, 9000}, taken: []int{8080}, want: 9000},
		"chosen for another setting":                 {configured: 8181, earlier: ports{8080, 9000}, taken: []int{9000}, own: []int{9000}, deployed: true, want: 8181},
		"lost to another program while stopped":      {configured: 8080, taken: []int{8080}, deployed: true, want: 8081},
		"chosen earlier, lost while stopped":         {configured: 8080, earlier: ports{8080, 9000}, taken: []int{8080, 9000}, deployed: true, want: 8081},
		"chosen earlier, lost, and the first's free": {configured: 8080, earlier: ports{8080, 9000}, taken: []int{9000}, deployed: true, want: 8080},
	} {
		t.Run(name, func(t *testing.T) {
			m := machine{address: "127.0.0.3", own: c.own, deployed: c.deployed, free: func(address string, port int) bool {
				return address == "127.0.0.3" && !slices.Contains(c.taken, port)
			}}
			if got, err := m.choose(c.configured, c.earlier); err != nil || got != c.want {
				t.Errorf("port %d, %v, want %d", got, err, c.want)
			}
		})
	}
	full := machine{free: func(string, int) bool { return false }}
	if got, err := full.choose(8080, ports{}); err == nil {
		t.Errorf("port %d of a machine without free ports", got)
	}
}
