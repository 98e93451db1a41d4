package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/deploy"
	"oci-media-pipelines/localcloud/endpoint"
)

// project is the name in Pulumi.yaml, which the program's tags carry, too.
const project = "oci-media-pipelines"

// portSetting is the setting with the load balancer's port, and portKey its full key.
const (
	portSetting = "listenerPort"
	portKey     = project + ":" + portSetting
)

// ports are the port that a stack's configuration asks for and the one that its load
// balancer has instead, on this machine.
type ports struct {
	Configured int `json:"configured"`
	Used       int `json:"used"`
}

// withOpenPort adds to the overrides another listener port if the configured one
// cannot be opened, and says so. The choice is kept for the stack's later runs.
func (f stackFlags) withOpenPort(ctx context.Context, e endpoint.Endpoint, dir, folder string, overrides map[string]string) (map[string]string, error) {
	setting, ok := overrides[portKey]
	if !ok {
		var err error
		if setting, err = deploy.Configured(folder, f.Stack, portSetting); err != nil {
			return nil, err
		}
	}
	configured, err := strconv.Atoi(setting)
	if err != nil || configured < 1 || configured > 65535 {
		return overrides, nil // The program says what is wrong with it.
	}
	var status cloud.Status
	if err := e.Control(ctx, http.MethodGet, "/status", &status); err != nil {
		return nil, err
	}
	keptIn := filepath.Join(dir, "workspaces", f.Stack+".port.json")
	earlier, err := readPorts(keptIn)
	if err != nil {
		return nil, err
	}
	used, err := machineOf(status, f.Stack).choose(configured, earlier)
	if err != nil {
		return nil, err
	}
	if used == configured {
		return overrides, forgetPorts(keptIn)
	}
	fmt.Printf("Port %d is not free on this machine: the load balancer of stack %s listens at %d.\n", configured, f.Stack, used)
	overrides = maps.Clone(overrides)
	if overrides == nil {
		overrides = map[string]string{}
	}
	overrides[portKey] = strconv.Itoa(used)
	return overrides, writePorts(keptIn, ports{Configured: configured, Used: used})
}

// machine is what a stack's load balancer finds on this machine.
type machine struct {
	address  string // that it has or will get
	deployed bool
	own      []int // ports that it listens at
	// free reports whether a port of an address can be opened.
	free func(address string, port int) bool
}

func machineOf(status cloud.Status, stack string) machine {
	m := machine{address: status.NextAddress, free: free}
	for _, balancer := range status.LoadBalancers {
		if balancer.Tags["project"] == project && balancer.Tags["stack"] == stack {
			m.address, m.own, m.deployed = balancer.Address, balancer.Ports, true
		}
	}
	return m
}

func free(address string, port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// firstOpen is where the search for a port begins when the configured one is among
// those that only privileged programs may open.
const firstOpen = 8080

// choose returns the port to listen at: the configured one if it can be had. A load
// balancer that got another one keeps it for as long as it exists.
func (m machine) choose(configured int, earlier ports) (int, error) {
	usable := func(port int) bool { return slices.Contains(m.own, port) || m.free(m.address, port) }
	kept := earlier.Configured == configured && usable(earlier.Used)
	if kept && m.deployed {
		return earlier.Used, nil
	}
	if usable(configured) {
		return configured, nil
	}
	if kept {
		return earlier.Used, nil
	}
	first := configured + 1
	if configured < 1024 {
		first = firstOpen
	}
	for port := first; port <= 65535; port++ {
		if usable(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no port from %d up is free on %s for the load balancer", configured, m.address)
}

func readPorts(path string) (ports, error) {
	var p ports
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("read the load balancer's port: %w", err)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("read the load balancer's port: %w", err)
	}
	return p, nil
}

func writePorts(path string, p ports) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("keep the load balancer's port: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep the load balancer's port: %w", err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return fmt.Errorf("keep the load balancer's port: %w", err)
	}
	return nil
}

func forgetPorts(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget the load balancer's port: %w", err)
	}
	return nil
}
