package pipeline

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

var (
	// branchName is what Git takes for a branch and a trigger's filter for a plain name.
	branchName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$`)
	// recurrence is an RRULE of the frequencies that OCI's mirrors take.
	userOCID = regexp.MustCompile(`^ocid1\.user\.[a-z0-9]*\.[a-z0-9-]*\.[A-Za-z0-9._-]+$`)
	// plainPassphrase needs no quotes in a shell.
	plainPassphrase = regexp.MustCompile(`^[A-Za-z0-9+/=_-]{16,256}$`)
	recurrence      = regexp.MustCompile(`^FREQ=(MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY)(;[A-Z]+=[A-Za-z0-9,+-]+)*$`)
)

// checkDelivery looks at what is configured even where delivery is not enabled.
func (s Settings) checkDelivery(c *checker) {
	if !branchName.MatchString(s.DeliveryBranch) || strings.HasPrefix(s.DeliveryBranch, "refs/") || strings.Contains(s.DeliveryBranch, "..") {
		c.add("delivery.branch", s.DeliveryBranch, "allowed is the name of a branch, like main or release/1")
	}
	if s.DeliveryRepositoryURL != "" {
		s.checkMirror(c)
	} else {
		if s.DeliveryAccessToken != "" {
			c.add("delivery.repositoryUrl", "", "delivery.accessToken is set, so delivery.repositoryUrl has to name the repository that it reads")
		}
		if s.DeliveryMirrorSchedule != "" {
			c.add("delivery.repositoryUrl", "", "delivery.mirrorSchedule is set, so delivery.repositoryUrl has to name the repository to mirror")
		}
	}
	c.between("delivery.buildTimeoutMinutes", s.DeliveryBuildTimeoutMinutes, 5, 480)
	c.email("delivery.email", s.DeliveryEmail)
	if s.DeliveryInfrastructure {
		s.checkInfrastructure(c)
	}
}

func (s Settings) checkMirror(c *checker) {
	allowed := "allowed is an https:// URL of a Git repository without user or password, like https://github.com/name/repository"
	address, err := url.Parse(s.DeliveryRepositoryURL)
	switch {
	case err != nil: // what it holds cannot be told
		c.add("delivery.repositoryUrl", "[unreadable]", allowed)
	case !protects(address) || address.User != nil || address.RawQuery != "" || address.Fragment != "" || strings.Trim(address.Path, "/") == "":
		c.add("delivery.repositoryUrl", address.Redacted(), allowed)
	}
	if s.DeliveryAccessToken == "" {
		c.add("delivery.accessToken", "", "delivery.repositoryUrl is set, so a personal access token that reads that repository is needed: pulumi config set --secret delivery.accessToken <token>")
	}
	if s.DeliveryMirrorSchedule != "" {
		c.match("delivery.mirrorSchedule", s.DeliveryMirrorSchedule, recurrence, "an RRULE, like FREQ=MINUTELY;INTERVAL=10, or nothing for every 30 minutes")
	}
}

// protects tells whether a token may be sent to an address: over TLS, or to this very
// machine.
func protects(address *url.URL) bool {
	host, err := netip.ParseAddr(address.Hostname())
	here := address.Hostname() == "localhost" || err == nil && host.IsLoopback()
	return address.Host != "" && (address.Scheme == "https" || address.Scheme == "http" && here)
}

// checkInfrastructure is strict about the passphrase: OCI's runners assign the contents
// of secrets without quotes (https://github.com/vmleon/oci-devops-secrets).
func (s Settings) checkInfrastructure(c *checker) {
	if !s.DeliveryEnabled {
		c.add("delivery.enabled", s.DeliveryEnabled, "delivery.infrastructure is true, so there has to be a code repository: set it to true")
	}
	c.match("delivery.stateUserId", s.DeliveryStateUserID, userOCID, "the OCID of a user (ocid1.user.…), whose customer secret key opens the bucket with the state")
	if !plainPassphrase.MatchString(string(s.DeliveryPassphrase)) {
		c.add("delivery.passphrase", "[secret]", "delivery.infrastructure is true, so the stack's passphrase is needed, of at least 16 letters, digits and +/=_-: pulumi config set --secret delivery.passphrase \"$PULUMI_CONFIG_PASSPHRASE\"")
	}
}

// runsItself tells whether DevOps runs this program.
func (s Settings) runsItself() bool { return s.DeliveryEnabled && s.DeliveryInfrastructure }

// mirrors tells whether the delivered code is somebody else's repository.
func (s Settings) mirrors() bool { return s.DeliveryEnabled && s.DeliveryRepositoryURL != "" }
