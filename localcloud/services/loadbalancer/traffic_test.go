package loadbalancer_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"
)

// one makes a load balancer with one backend and returns its URL.
func (f *fixture) one(handler http.HandlerFunc, change ...func(*sdk.CreateListenerDetails)) (sdk.LoadBalancer, server, string) {
	f.Helper()
	lb := f.balancer()
	s := f.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" {
			handler(w, r)
		}
	}))
	f.set(lb, "ROUND_ROBIN", s.backend())
	url := f.listen(lb, change...)
	f.healthy(lb, s)
	return lb, s, url
}

func TestHeadersTellOfTheClient(t *testing.T) {
	f := start(t)
	_, _, url := f.one(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		fmt.Fprintln(w, h.Get("X-Forwarded-For"), h.Get("X-Real-IP"), h.Get("X-Forwarded-Proto"), h.Get("X-Forwarded-Host") == r.Host, h.Get("X-Forwarded-Port") != "")
	})
	request, err := http.NewRequest(http.MethodGet, url, nil)
	f.ok(err)
	request.Header.Set("X-Forwarded-For", "192.0.2.7")
	response, err := f.web.Do(request)
	f.ok(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	f.ok(err)
	if string(body) != "192.0.2.7, 127.0.0.1 127.0.0.1 http true true\n" {
		t.Fatalf("backend saw %s", body)
	}
}

func TestStreamsArriveAtOnceAndDrain(t *testing.T) {
	f := start(t)
	next := make(chan string)
	lb, s, url := f.one(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for event := range next {
			fmt.Fprintf(w, "data: %s\n\n", event)
			w.(http.Flusher).Flush()
		}
	})
	// Only the request below may end the handler, also when the test fails.
	opened := make(chan *http.Response, 1)
	go func() {
		response, err := f.web.Get(url)
		if err != nil {
			t.Error(err)
		}
		opened <- response
	}()
	next <- "one"
	response := <-opened
	defer response.Body.Close()
	events := bufio.NewReader(response.Body)
	read := func() string {
		line, err := events.ReadString('\n')
		f.ok(err)
		if _, err := events.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(line)
	}
	if got := read(); got != "data: one" {
		t.Fatal(got)
	}
	gone, err := f.client.DeleteBackend(f.ctx, sdk.DeleteBackendRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"), BackendName: str(s.name())})
	f.ok(err)
	wr, err := f.client.GetWorkRequest(f.ctx, sdk.GetWorkRequestRequest{WorkRequestId: gone.OpcWorkRequestId})
	f.ok(err)
	if wr.LifecycleState != sdk.WorkRequestLifecycleStateInProgress {
		t.Fatalf("the removal did not wait for the request: %s", wr.LifecycleState)
	}
	if status, _ := f.get(url); status != http.StatusBadGateway {
		t.Fatalf("a removed backend got a request: %d", status)
	}
	next <- "two"
	if got := read(); got != "data: two" {
		t.Fatal(got)
	}
	close(next)
	if rest, err := io.ReadAll(events); err != nil || len(rest) != 0 {
		t.Fatalf("%q %v", rest, err)
	}
	f.succeeded(gone.OpcWorkRequestId, nil)
}

func TestUpgradedConnection(t *testing.T) {
	f := start(t)
	_, _, url := f.one(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" {
			t.Errorf("headers %v", r.Header)
		}
		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		line, err := buffer.ReadString('\n')
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Fprint(conn, "echo "+line)
	})
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	f.ok(err)
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	f.ok(err)
	if response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(response.Status)
	}
	fmt.Fprint(conn, "hello\n")
	if line, err := in.ReadString('\n'); err != nil || line != "echo hello\n" {
		t.Fatalf("%q %v", line, err)
	}
}

func TestIdleTimeout(t *testing.T) {
	f := start(t)
	_, _, url := f.one(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, func(d *sdk.CreateListenerDetails) {
		d.ConnectionConfiguration = &sdk.ConnectionConfiguration{IdleTimeout: common.Int64(1)}
	})
	started := time.Now()
	if status, body := f.get(url); status != http.StatusGatewayTimeout || !strings.Contains(body, "quiet") {
		t.Fatalf("%d %s", status, body)
	}
	if took := time.Since(started); took < time.Second {
		t.Fatalf("ended after %s", took)
	}
}

// bundle makes a certificate for the loopback address.
func bundle(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", raw)
}

func TestTLSAndRedirect(t *testing.T) {
	f := start(t)
	lb, s, _ := f.one(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Header.Get("X-Forwarded-Proto")+r.Header.Get("X-Added"))
	})
	certificate, key := bundle(t)
	_, err := f.client.CreateCertificate(f.ctx, sdk.CreateCertificateRequest{LoadBalancerId: lb.Id, CreateCertificateDetails: sdk.CreateCertificateDetails{
		CertificateName: str("bad"), PublicCertificate: str(certificate), PrivateKey: str("none")}})
	f.refused(err, 400, "privateKey")
	made, err := f.client.CreateCertificate(f.ctx, sdk.CreateCertificateRequest{LoadBalancerId: lb.Id, CreateCertificateDetails: sdk.CreateCertificateDetails{
		CertificateName: str("web"), PublicCertificate: str(certificate), PrivateKey: str(key)}})
	f.succeeded(made.OpcWorkRequestId, err)
	rules, err := f.client.CreateRuleSet(f.ctx, sdk.CreateRuleSetRequest{LoadBalancerId: lb.Id, CreateRuleSetDetails: sdk.CreateRuleSetDetails{Name: str("secure"), Items: []sdk.Rule{
		sdk.RedirectRule{
			ResponseCode: num(301), RedirectUri: &sdk.RedirectUri{Protocol: str("https"), Host: str("{host}"), Port: num(443), Path: str("/{path}"), Query: str("?{query}")},
			Conditions: []sdk.RuleCondition{sdk.PathMatchCondition{AttributeValue: str("/"), Operator: sdk.PathMatchConditionOperatorForceLongestPrefixMatch}},
		}}}})
	f.succeeded(rules.OpcWorkRequestId, err)
	headers, err := f.client.CreateRuleSet(f.ctx, sdk.CreateRuleSetRequest{LoadBalancerId: lb.Id, CreateRuleSetDetails: sdk.CreateRuleSetDetails{Name: str("headers"), Items: []sdk.Rule{
		sdk.AddHttpRequestHeaderRule{Header: str("X-Added"), Value: str("!")},
		sdk.AddHttpResponseHeaderRule{Header: str("Strict-Transport-Security"), Value: str("max-age=60")},
	}}})
	f.succeeded(headers.OpcWorkRequestId, err)

	plain := f.listen(lb, func(d *sdk.CreateListenerDetails) { d.RuleSetNames = []string{"secure"} })
	response, err := f.web.Get(plain + "/view/a%20b?x=1")
	f.ok(err)
	response.Body.Close()
	if got := response.Header.Get("Location"); response.StatusCode != http.StatusMovedPermanently || got != "https://127.0.0.1/view/a%20b?x=1" {
		t.Fatalf("%s to %q", response.Status, got)
	}

	secure := f.listen(lb, func(d *sdk.CreateListenerDetails) {
		d.Protocol, d.SslConfiguration, d.RuleSetNames = str("HTTP2"), &sdk.SslConfigurationDetails{CertificateName: str("web")}, []string{"headers"}
	})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(certificate))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	f.healthy(lb, s)
	response, err = (&http.Client{Transport: transport}).Get("https" + strings.TrimPrefix(secure, "http"))
	f.ok(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	f.ok(err)
	if string(body) != "https!" || response.ProtoMajor != 2 || response.Header.Get("Strict-Transport-Security") != "max-age=60" {
		t.Fatalf("%s %s %v", response.Proto, body, response.Header)
	}
	_, err = f.client.DeleteCertificate(f.ctx, sdk.DeleteCertificateRequest{LoadBalancerId: lb.Id, CertificateName: str("web")})
	f.refused(err, 409, "is attached to listener")
	_, err = f.client.DeleteRuleSet(f.ctx, sdk.DeleteRuleSetRequest{LoadBalancerId: lb.Id, RuleSetName: str("secure")})
	f.refused(err, 409, "is attached to listener")
}

func TestPrivateBalancerIsReachedInItsNetwork(t *testing.T) {
	f := start(t)
	lb := f.balancer(func(d *sdk.CreateLoadBalancerDetails) {
		d.IsPrivate, d.SubnetIds = common.Bool(true), []string{*f.private}
	})
	ip := *lb.IpAddresses[0].IpAddress
	if *lb.IpAddresses[0].IsPublic || !strings.HasPrefix(ip, "10.0.1.") {
		t.Fatalf("addresses %v", lb.IpAddresses)
	}
	s := f.serve(nil)
	f.set(lb, "ROUND_ROBIN", s.backend())
	f.healthy(lb, s)
	made, err := f.client.CreateListener(f.ctx, sdk.CreateListenerRequest{LoadBalancerId: lb.Id, CreateListenerDetails: sdk.CreateListenerDetails{
		Name: str("web"), Port: num(80), Protocol: str("HTTP"), DefaultBackendSetName: str("web")}})
	f.succeeded(made.OpcWorkRequestId, err)
	address, ok := f.core.Network().Resolve(*f.vcn, ip, 80)
	if !ok {
		t.Fatal("the listener is not published")
	}
	if status, body := f.get("http://" + address); status != http.StatusOK || body != s.ip {
		t.Fatalf("%d %s", status, body)
	}
}
