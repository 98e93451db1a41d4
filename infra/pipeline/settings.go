package pipeline

// Settings is the whole configuration of one stack. Every field is one key of the
// project's configuration (tag "config"); its default (tag "default") is repeated
// in Pulumi.yaml, where people read it, and a test keeps the two equal. Lists are
// written as YAML lists; their defaults are given here as comma lists.
type Settings struct {
	// CompartmentID is the compartment that everything but the dynamic groups is
	// created in. The only required key.
	CompartmentID string `config:"compartmentId" required:"true"`

	// Platform is what images are built for: linux/amd64, linux/arm64, or "host"
	// for the machine that runs this program (for a cloud on that same machine).
	Platform string `config:"platform" default:"linux/amd64"`

	// Replicas is the number of container instances behind the load balancer.
	Replicas int `config:"replicas" default:"1"`
	// AppShape is the container instance shape; empty takes one that fits Platform.
	AppShape string `config:"appShape" default:""`
	// AppOcpus and AppMemoryGb size each container instance.
	AppOcpus    float64 `config:"appOcpus" default:"1"`
	AppMemoryGb float64 `config:"appMemoryGb" default:"2"`
	// MaxUploadBytes is the largest image the app accepts, in bytes. The default, and
	// the most, is Vision's limit for synchronous analysis.
	MaxUploadBytes int `config:"maxUploadBytes" default:"5242880"`
	// DrainSeconds is how long a backend that is about to be removed still serves
	// the requests it has, without getting new ones. 0 removes it at once.
	DrainSeconds int `config:"drainSeconds" default:"10"`

	// FunctionMemoryMb and FunctionTimeoutSeconds size the analyze function.
	FunctionMemoryMb       int `config:"functionMemoryMb" default:"256"`
	FunctionTimeoutSeconds int `config:"functionTimeoutSeconds" default:"300"`
	// VisionFeatures are the kinds of analysis asked of AI Vision.
	VisionFeatures []string `config:"visionFeatures" default:"OBJECT_DETECTION"`

	// DatabasePrivateEndpoint puts the database into the private subnet; otherwise
	// it has a public endpoint with an access list.
	DatabasePrivateEndpoint bool `config:"databasePrivateEndpoint" default:"true"`
	// DatabaseAllowedIps is the access list of a public endpoint (addresses or
	// CIDR blocks). This stack's own network is always on it.
	DatabaseAllowedIps []string `config:"databaseAllowedIps" default:""`
	// DatabaseFreeTier asks for an Always Free database, which means workload OLTP,
	// a public endpoint with an access list, and a fixed size.
	DatabaseFreeTier bool `config:"databaseFreeTier" default:"false"`
	// DatabaseEcpus and DatabaseStorageGb size a paid database.
	DatabaseEcpus     int `config:"databaseEcpus" default:"2"`
	DatabaseStorageGb int `config:"databaseStorageGb" default:"20"`
	// DatabaseVersion is the Oracle Database release.
	DatabaseVersion string `config:"databaseVersion" default:"19c"`

	// VaultID and KeyID name an existing vault, and an existing AES key in it, to be
	// used instead of new ones. A vault that is deleted keeps counting against the
	// tenancy's limit for up to 30 days, so stacks that come and go share one.
	VaultID string `config:"vaultId" default:""`
	KeyID   string `config:"keyId" default:""`

	// VcnCidr is the address range of the network.
	VcnCidr string `config:"vcnCidr" default:"10.0.0.0/16"`
	// ListenerPort is the load balancer's port.
	ListenerPort int `config:"listenerPort" default:"80"`
	// LoadBalancerMinMbps and LoadBalancerMaxMbps are the flexible load balancer's
	// bandwidth. 10/10 is the Always Free one.
	LoadBalancerMinMbps int `config:"loadBalancerMinMbps" default:"10"`
	LoadBalancerMaxMbps int `config:"loadBalancerMaxMbps" default:"10"`
	// AllowedCidrs may open connections to the load balancer.
	AllowedCidrs []string `config:"allowedCidrs" default:"0.0.0.0/0"`

	// IamSettleSeconds is how long after their creation dynamic groups and policies
	// are given to take effect before anything relies on them.
	IamSettleSeconds int `config:"iamSettleSeconds" default:"120"`

	// RegistryUsername and RegistryPassword log in to the container registry instead
	// of a token obtained with the deploying credentials.
	RegistryUsername string `config:"registryUsername" default:""`
	RegistryPassword Secret `config:"registryPassword" default:"" secret:"true"`

	// TranscodingEnabled deploys the transcoding of videos, of which nothing exists
	// otherwise; the other settings of that prefix then say nothing.
	TranscodingEnabled bool `config:"transcoding.enabled" default:"false"`
	// TranscodingBaseImage is what the job's image is built on: a reference by digest to
	// an image with ffmpeg and ffprobe on its PATH. Empty is the empty base, which makes
	// sense only where the machine's own ffmpeg is put there.
	TranscodingBaseImage string `config:"transcoding.baseImage" default:""`
	// TranscodingCompartmentID is the compartment of the transcode function and its jobs;
	// empty is CompartmentID. Dynamic groups match by type and compartment, so in one of
	// their own neither shares rights with the image analysis or the app.
	TranscodingCompartmentID string `config:"transcoding.compartmentId" default:""`
	// TranscodingShape is the jobs' container instance shape; empty takes one that fits
	// Platform. TranscodingOcpus and TranscodingMemoryGb size each job.
	TranscodingShape    string  `config:"transcoding.shape" default:""`
	TranscodingOcpus    float64 `config:"transcoding.ocpus" default:"4"`
	TranscodingMemoryGb float64 `config:"transcoding.memoryGb" default:"8"`
	// TranscodingProtocols are what a video is offered as.
	TranscodingProtocols []string `config:"transcoding.protocols" default:"HLS,DASH"`
	// TranscodingRenditions are the sizes a video is made in: height and kbit/s.
	TranscodingRenditions []string `config:"transcoding.renditions" default:"1080p:5000,720p:3000,360p:1000"`
	// TranscodingTimeoutMinutes is how long a job may take before it is ended.
	TranscodingTimeoutMinutes int `config:"transcoding.timeoutMinutes" default:"120"`
	// TranscodingMaxUploadBytes is the largest video the app accepts, in bytes.
	TranscodingMaxUploadBytes int `config:"transcoding.maxUploadBytes" default:"4294967296"`

	// DeliveryEnabled deploys a code repository whose pushes build the functions' images
	// and roll them out; from then on those are the pipelines', not the program's. The
	// other settings of that prefix say nothing otherwise.
	DeliveryEnabled bool `config:"delivery.enabled" default:"false"`
	// DeliveryBranch is the branch whose pushes are built.
	DeliveryBranch string `config:"delivery.branch" default:"main"`
	// DeliveryRepositoryURL is a GitHub or GitLab repository to mirror; empty makes the
	// repository one of OCI's own, which people push to.
	DeliveryRepositoryURL string `config:"delivery.repositoryUrl" default:""`
	// DeliveryAccessToken reads the mirrored repository. It is kept in the stack's vault.
	DeliveryAccessToken Secret `config:"delivery.accessToken" default:"" secret:"true"`
	// DeliveryMirrorSchedule is how often the mirror is brought up to date, as an
	// RRULE; empty is every 30 minutes, OCI's default.
	DeliveryMirrorSchedule string `config:"delivery.mirrorSchedule" default:""`
	// DeliveryApproval has somebody approve each deployment before it happens.
	DeliveryApproval bool `config:"delivery.approval" default:"false"`
	// DeliveryBuildTimeoutMinutes is how long a build may take.
	DeliveryBuildTimeoutMinutes int `config:"delivery.buildTimeoutMinutes" default:"30"`
	// DeliveryEmail hears of builds and deployments; empty subscribes nobody.
	DeliveryEmail string `config:"delivery.email" default:""`

	// DeliveryInfrastructure has DevOps run this program: a preview of each pull request,
	// and an update for each push. The state is then in a bucket of the stack's.
	DeliveryInfrastructure bool `config:"delivery.infrastructure" default:"false"`
	// DeliveryStateUserID is the user whose customer secret key opens that bucket.
	DeliveryStateUserID string `config:"delivery.stateUserId" default:""`
	// DeliveryPassphrase is that of the stack's own secrets. It is kept in the stack's
	// vault, for the pipelines.
	DeliveryPassphrase Secret `config:"delivery.passphrase" default:"" secret:"true"`

	// AlarmEmail receives the alarms; empty subscribes nobody.
	AlarmEmail string `config:"alarmEmail" default:""`
	// LogRetentionDays is how long logs are kept: 30 to 180, in steps of 30.
	LogRetentionDays int `config:"logRetentionDays" default:"30"`
}

// Secret is a setting that no log or error message shows.
type Secret string

// String hides the value from every %v and %s.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[secret]"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }
