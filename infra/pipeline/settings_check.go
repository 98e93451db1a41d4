package pipeline

import (
	"fmt"
	"net/mail"
	"net/netip"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

var (
	compartmentOCID = regexp.MustCompile(`^ocid1\.(compartment|tenancy)\.[a-z0-9]+\.[a-z0-9-]*\.[a-z0-9]+$`)
	vaultOCID       = regexp.MustCompile(`^ocid1\.vault\.[a-z0-9]+\.[a-z0-9-]+\.[a-z0-9.]+$`)
	keyOCID         = regexp.MustCompile(`^ocid1\.key\.[a-z0-9]+\.[a-z0-9-]+\.[a-z0-9.]+$`)

	// Architecture of each container instance shape (OCI: Container Instances Shapes).
	containerShapes = map[string]string{
		"CI.Standard.E3.Flex": "amd64",
		"CI.Standard.E4.Flex": "amd64",
		"CI.Standard.A1.Flex": "arm64",
	}
	functionMemories = []int{128, 256, 512, 1024, 2048, 3072}
	visionFeatures   = []string{"OBJECT_DETECTION", "IMAGE_CLASSIFICATION", "TEXT_DETECTION", "FACE_DETECTION"}
	databaseVersions = []string{"19c", "23ai"}
	platforms        = []string{"linux/amd64", "linux/arm64", "host"}
)

// problems checks every rule and returns every violation, in the order of the keys.
func (s Settings) problems() []Problem {
	var c checker
	c.match("compartmentId", s.CompartmentID, compartmentOCID, "the OCID of a compartment (ocid1.compartment.…)")
	c.oneOf("platform", s.Platform, platforms)

	c.between("replicas", s.Replicas, 1, 20)
	s.checkAppShape(&c)
	c.between("maxUploadBytes", s.MaxUploadBytes, 1024, 5<<20)
	c.between("drainSeconds", s.DrainSeconds, 0, 600)

	if !slices.Contains(functionMemories, s.FunctionMemoryMb) {
		c.add("functionMemoryMb", s.FunctionMemoryMb, "allowed is one of "+join(functionMemories))
	}
	c.between("functionTimeoutSeconds", s.FunctionTimeoutSeconds, 5, 300)
	s.checkVisionFeatures(&c)
	s.checkDatabase(&c)
	s.checkKeys(&c)
	s.checkNetwork(&c)
	c.between("iamSettleSeconds", s.IamSettleSeconds, 0, 1800)
	s.checkTranscoding(&c)
	s.checkDelivery(&c)

	if s.RegistryUsername != "" && s.RegistryPassword == "" {
		c.add("registryPassword", "", "registryUsername is set, so registryPassword (an auth token) has to be set too")
	}
	if s.RegistryUsername == "" && s.RegistryPassword != "" {
		c.add("registryUsername", "", "registryPassword is set, so registryUsername (namespace/user) has to be set too")
	}
	c.email("alarmEmail", s.AlarmEmail)
	if s.LogRetentionDays < 30 || s.LogRetentionDays > 180 || s.LogRetentionDays%30 != 0 {
		c.add("logRetentionDays", s.LogRetentionDays, "allowed is 30, 60, 90, 120, 150 or 180")
	}
	return c.problems
}

func (s Settings) checkAppShape(c *checker) {
	s.checkShape(c, "appShape", s.AppShape)
	checkSize(c, "appOcpus", s.AppOcpus, "appMemoryGb", s.AppMemoryGb)
}

func (s Settings) checkShape(c *checker, key, shape string) {
	if shape == "" {
		return
	}
	architecture, known := containerShapes[shape]
	switch {
	case !known:
		c.add(key, shape, "allowed is CI.Standard.E3.Flex, CI.Standard.E4.Flex or CI.Standard.A1.Flex, or nothing for one that fits the platform")
	case slices.Contains(platforms, s.Platform) && architecture != s.architecture():
		c.add(key, shape, fmt.Sprintf("it runs %s images, but platform is %s", architecture, s.Platform))
	}
}

func checkSize(c *checker, ocpusKey string, ocpus float64, memoryKey string, memory float64) {
	// Written so that NaN, which compares with nothing, fails too.
	if !(ocpus >= 1 && ocpus <= 64) {
		c.add(ocpusKey, ocpus, "allowed is a number from 1 to 64")
		return
	}
	if !(memory >= ocpus && memory <= 64*ocpus) {
		c.add(memoryKey, memory, fmt.Sprintf("allowed is 1 to 64 GB for each OCPU: from %g to %g", ocpus, 64*ocpus))
	}
}

func (s Settings) checkVisionFeatures(c *checker) {
	allowed := "allowed is a list of one or more of " + join(visionFeatures) + ", each once"
	if len(s.VisionFeatures) == 0 {
		c.add("visionFeatures", "", allowed)
	}
	for i, feature := range s.VisionFeatures {
		if !slices.Contains(visionFeatures, feature) || slices.Contains(s.VisionFeatures[:i], feature) {
			c.add("visionFeatures", feature, allowed)
		}
	}
}

func (s Settings) checkDatabase(c *checker) {
	for _, entry := range s.DatabaseAllowedIps {
		if !isAddressOrBlock(entry) {
			c.add("databaseAllowedIps", entry, "allowed is a list of IPv4 addresses and CIDR blocks, like 203.0.113.7 or 203.0.113.0/24")
		}
	}
	if len(s.DatabaseAllowedIps) > 0 && s.privateDatabase() {
		c.add("databaseAllowedIps", strings.Join(s.DatabaseAllowedIps, ","), "an access list needs a public endpoint: set databasePrivateEndpoint to false, or remove the list")
	}
	c.between("databaseEcpus", s.DatabaseEcpus, 2, 512)
	c.between("databaseStorageGb", s.DatabaseStorageGb, 20, 393216)
	c.oneOf("databaseVersion", s.DatabaseVersion, databaseVersions)
}

func (s Settings) checkKeys(c *checker) {
	if s.VaultID != "" {
		c.match("vaultId", s.VaultID, vaultOCID, "the OCID of a vault (ocid1.vault.…), or nothing for a new one")
	}
	if s.KeyID != "" {
		c.match("keyId", s.KeyID, keyOCID, "the OCID of an AES key (ocid1.key.…), or nothing for a new one")
		if s.VaultID == "" {
			c.add("vaultId", "", "keyId is set, so vaultId has to name the vault that the key is in")
		}
	}
}

func (s Settings) checkNetwork(c *checker) {
	if block, err := netip.ParsePrefix(s.VcnCidr); err != nil || !block.Addr().Is4() || block.Masked() != block || block.Bits() < 16 || block.Bits() > 24 {
		c.add("vcnCidr", s.VcnCidr, "allowed is an IPv4 block from /16 to /24 without host bits, like 10.0.0.0/16")
	}
	c.between("listenerPort", s.ListenerPort, 1, 65535)
	c.between("loadBalancerMinMbps", s.LoadBalancerMinMbps, 10, 8000)
	c.between("loadBalancerMaxMbps", s.LoadBalancerMaxMbps, 10, 8000)
	if s.LoadBalancerMaxMbps < s.LoadBalancerMinMbps {
		c.add("loadBalancerMaxMbps", s.LoadBalancerMaxMbps, fmt.Sprintf("it has to be at least loadBalancerMinMbps, %d", s.LoadBalancerMinMbps))
	}
	allowed := "allowed is a list of one or more IPv4 CIDR blocks without host bits, like 0.0.0.0/0 or 203.0.113.0/24"
	if len(s.AllowedCidrs) == 0 {
		c.add("allowedCidrs", "", allowed)
	}
	for i, entry := range s.AllowedCidrs {
		block, err := netip.ParsePrefix(entry)
		if err != nil || !block.Addr().Is4() || block.Masked() != block || slices.Contains(s.AllowedCidrs[:i], entry) {
			c.add("allowedCidrs", entry, allowed)
		}
	}
}

// privateDatabase tells whether the database gets a private endpoint. Always Free
// databases cannot have one.
func (s Settings) privateDatabase() bool { return s.DatabasePrivateEndpoint && !s.DatabaseFreeTier }

// imagePlatform is the platform to build images for, as os/architecture.
func (s Settings) imagePlatform() string {
	if s.Platform == "host" {
		return runtime.GOOS + "/" + runtime.GOARCH
	}
	return s.Platform
}

func (s Settings) architecture() string {
	_, architecture, _ := strings.Cut(s.imagePlatform(), "/")
	return architecture
}

// containerShape is the configured container instance shape, or one that fits the
// images.
func (s Settings) containerShape(configured string) string {
	switch {
	case configured != "":
		return configured
	case s.architecture() == "arm64":
		return "CI.Standard.A1.Flex"
	default:
		return "CI.Standard.E4.Flex"
	}
}

// functionShape is the Functions application shape that fits the images.
func (s Settings) functionShape() string {
	if s.architecture() == "arm64" {
		return "GENERIC_ARM"
	}
	return "GENERIC_X86"
}

type checker struct{ problems []Problem }

func (c *checker) add(key string, value any, allowed string) {
	c.problems = append(c.problems, Problem{Key: key, Value: fmt.Sprint(value), Allowed: allowed})
}

func (c *checker) match(key, value string, pattern *regexp.Regexp, allowed string) {
	if !pattern.MatchString(value) {
		c.add(key, value, "allowed is "+allowed)
	}
}

// email takes an address without a name, or none.
func (c *checker) email(key, value string) {
	if value == "" {
		return
	}
	if address, err := mail.ParseAddress(value); err != nil || address.Address != value {
		c.add(key, value, "allowed is one e-mail address, like ops@example.com")
	}
}

func (c *checker) oneOf(key, value string, allowed []string) {
	if !slices.Contains(allowed, value) {
		c.add(key, value, "allowed is one of "+join(allowed))
	}
}

func (c *checker) between(key string, value, low, high int) {
	if value < low || value > high {
		c.add(key, value, "allowed is a whole number from "+strconv.Itoa(low)+" to "+strconv.Itoa(high))
	}
}

func isAddressOrBlock(text string) bool {
	if address, err := netip.ParseAddr(text); err == nil {
		return address.Is4()
	}
	block, err := netip.ParsePrefix(text)
	return err == nil && block.Addr().Is4() && block.Masked() == block
}

func join[T any](values []T) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(values)), ", "), "[]")
}
