package containerinstances

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"oci-media-pipelines/localcloud/kind"
)

// healthCheckDefaults are OCI's (API reference, CreateContainerHealthCheckDetails).
var healthCheckDefaults = map[string]any{
	"initialDelayInSeconds": 0, "intervalInSeconds": 10, "timeoutInSeconds": 3,
	"failureThreshold": 3, "successThreshold": 1, "failureAction": "KILL",
}

// watchHealth checks a container until ctx ends. A failed container is killed
// if its check says so; what happens then is up to the restart policy.
func (s *Service) watchHealth(ctx context.Context, m *member, containerID string, index int, check kind.Object) {
	for name, value := range healthCheckDefaults {
		check.Default(name, value)
	}
	seconds := func(name string) time.Duration { return time.Duration(check.Number(name) * float64(time.Second)) }
	ticker := time.NewTicker(max(seconds("intervalInSeconds"), time.Second))
	defer ticker.Stop()
	failures, successes := 0, 0
	pid, told := 0, ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.container.Done():
			return
		case <-ticker.C:
		}
		status := m.container.Status()
		if status.PID == 0 || time.Since(status.StartedAt) < seconds("initialDelayInSeconds") {
			continue
		}
		if status.PID != pid { // It was started anew and gets a new chance.
			pid, failures, successes = status.PID, 0, 0
		}
		err := probe(ctx, check, m, seconds("timeoutInSeconds"))
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			failures, successes = 0, successes+1
		} else {
			failures, successes = failures+1, 0
		}
		switch {
		case err == nil && successes >= int(check.Number("successThreshold")) && told != "HEALTHY":
			told = "HEALTHY"
			s.tellHealth(containerID, index, told, "")
		case err != nil && failures >= int(check.Number("failureThreshold")):
			reason := fmt.Sprintf("health check failed %d times: %v", failures, err)
			if told != "UNHEALTHY" {
				told = "UNHEALTHY"
				s.tellHealth(containerID, index, told, reason)
			}
			if check.Str("failureAction") == "KILL" {
				m.container.Kill(reason)
				failures, told = 0, ""
			}
		}
	}
}

func (s *Service) tellHealth(containerID string, index int, status, details string) {
	s.change(containerID, func(o kind.Object) {
		if checks := o.Objects("healthChecks"); index < len(checks) {
			checks[index]["status"], checks[index]["statusDetails"] = status, details
		}
	})
}

// probe makes one check of the container at its port on this machine.
func probe(ctx context.Context, check kind.Object, m *member, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	port := int(check.Number("port"))
	if port == m.port {
		port = m.local
	}
	if check.Str("healthCheckType") == "TCP" {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", loopback(port))
		if err != nil {
			return err
		}
		return conn.Close()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback(port)+check.Str("path"), nil)
	if err != nil {
		return err
	}
	for _, header := range check.Objects("headers") {
		request.Header.Add(header.Str("name"), header.Str("value"))
	}
	response, err := probing.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	// OCI does not say which codes are healthy; these are what Kubernetes takes.
	if response.StatusCode < 200 || response.StatusCode >= 400 {
		return fmt.Errorf("GET %s answered %s", check.Str("path"), response.Status)
	}
	return nil
}

// probing makes a connection per check, as a check of a listener should.
var probing = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}
