package pipeline

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/kms"
	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/vault"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Secrets is the vault, its key, and the database password, which is made in the run
// and known to no human: to Pulumi's state encrypted, to the workloads by OCID.
type Secrets struct {
	pulumi.ResourceState

	VaultID pulumi.StringOutput
	KeyID   pulumi.StringOutput
	// KeyCompartment is where the key is, which for an existing one need be neither the
	// stack's compartment nor its vault's.
	KeyCompartment     string
	DatabasePassword   pulumi.StringOutput // secret
	DatabasePasswordID pulumi.StringOutput // OCID of the Vault secret
	// AccessTokenID is the OCID of the secret that reads the mirrored repository, which
	// is there only if one is mirrored.
	AccessTokenID pulumi.StringOutput

	seed *kms.GeneratedKey // of the password, and of the secrets' names
}

func newSecrets(s *stack) (*Secrets, error) {
	r := &Secrets{KeyCompartment: s.settings.CompartmentID}
	child, err := s.component("Secrets", "secrets", r)
	if err != nil {
		return nil, err
	}
	cryptoEndpoint, managementEndpoint, err := r.vault(s, child)
	if err != nil {
		return nil, err
	}
	if err := r.key(s, managementEndpoint, child); err != nil {
		return nil, err
	}
	seed, err := kms.NewGeneratedKey(s.ctx, "database-password-seed", &kms.GeneratedKeyArgs{
		CryptoEndpoint:      cryptoEndpoint,
		KeyId:               r.KeyID,
		IncludePlaintextKey: pulumi.Bool(true),
		KeyShape:            kms.GeneratedKeyKeyShapeArgs{Algorithm: pulumi.String("AES"), Length: pulumi.Int(32)},
	}, child, pulumi.AdditionalSecretOutputs([]string{"plaintext"}))
	if err != nil {
		return nil, err
	}
	r.seed = seed
	r.DatabasePassword = pulumi.ToSecret(seed.Plaintext.ApplyT(databasePassword)).(pulumi.StringOutput)
	r.DatabasePasswordID, err = r.secret(s, "database-password", "Password of the database user that the app and the function work as", r.DatabasePassword, seed, child)
	if err != nil {
		return nil, err
	}
	outputs := pulumi.Map{"vaultId": r.VaultID, "keyId": r.KeyID, "databasePasswordId": r.DatabasePasswordID}
	if s.settings.mirrors() {
		token := pulumi.ToSecret(pulumi.String(string(s.settings.DeliveryAccessToken))).(pulumi.StringOutput)
		r.AccessTokenID, err = r.secret(s, "access-token", "Access token that reads the repository which is mirrored", token, seed, child)
		if err != nil {
			return nil, err
		}
		outputs["accessTokenId"] = r.AccessTokenID
	}
	return r, s.ctx.RegisterResourceOutputs(r, outputs)
}

// secret keeps a text in the vault.
func (r *Secrets) secret(s *stack, name, description string, text pulumi.StringOutput, seed *kms.GeneratedKey, child pulumi.ResourceOption) (pulumi.StringOutput, error) {
	// The provider does not mark the content secret by itself.
	content := pulumi.ToSecret(text.ApplyT(func(text string) string {
		return base64.StdEncoding.EncodeToString([]byte(text))
	})).(pulumi.StringOutput)
	secret, err := vault.NewSecret(s.ctx, name, &vault.SecretArgs{
		CompartmentId: s.compartment(),
		VaultId:       r.VaultID,
		KeyId:         r.KeyID,
		SecretName: seed.Ciphertext.ApplyT(func(ciphertext string) string {
			return secretName(s.names, name, ciphertext)
		}).(pulumi.StringOutput),
		Description: pulumi.String(description),
		SecretContent: vault.SecretSecretContentArgs{
			ContentType: pulumi.String("BASE64"),
			Content:     content,
		},
		FreeformTags: s.tags,
	}, child)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return secret.ID().ToStringOutput(), nil
}

// vault makes a vault or looks the configured one, and its key, up, and returns its
// two endpoints.
func (r *Secrets) vault(s *stack, child pulumi.ResourceOption) (crypto, management pulumi.StringOutput, err error) {
	if id := s.settings.VaultID; id != "" {
		found, err := kms.LookupVault(s.ctx, &kms.LookupVaultArgs{VaultId: id})
		if err != nil {
			return crypto, management, fmt.Errorf("looking up vaultId %s: %w", id, err)
		}
		if id := s.settings.KeyID; id != "" {
			key, err := kms.LookupKey(s.ctx, &kms.LookupKeyArgs{KeyId: id, ManagementEndpoint: found.ManagementEndpoint})
			if err != nil {
				return crypto, management, fmt.Errorf("looking up keyId %s in vault %s: %w", id, found.DisplayName, err)
			}
			r.KeyCompartment = key.CompartmentId
		}
		r.VaultID = pulumi.String(id).ToStringOutput()
		return pulumi.String(found.CryptoEndpoint).ToStringOutput(), pulumi.String(found.ManagementEndpoint).ToStringOutput(), nil
	}
	made, err := kms.NewVault(s.ctx, "vault", &kms.VaultArgs{
		CompartmentId: s.compartment(),
		DisplayName:   pulumi.String(s.names.display("vault", 100)),
		VaultType:     pulumi.String("DEFAULT"), // shared partition, free; the private one costs by the hour
		FreeformTags:  s.tags,
	}, child)
	if err != nil {
		return crypto, management, err
	}
	r.VaultID = made.ID().ToStringOutput()
	return answering(s, made.CryptoEndpoint, made.TimeCreated), answering(s, made.ManagementEndpoint, made.TimeCreated), nil
}

// key makes the AES key that encrypts secrets and bucket, or takes the configured one.
func (r *Secrets) key(s *stack, managementEndpoint pulumi.StringInput, child pulumi.ResourceOption) error {
	if id := s.settings.KeyID; id != "" {
		r.KeyID = pulumi.String(id).ToStringOutput()
		return nil
	}
	made, err := kms.NewKey(s.ctx, "key", &kms.KeyArgs{
		CompartmentId:      s.compartment(),
		DisplayName:        pulumi.String(s.names.display("key", 100)),
		ManagementEndpoint: managementEndpoint,
		ProtectionMode:     pulumi.String("SOFTWARE"), // free of charge, unlike HSM beyond 20 versions
		KeyShape:           kms.KeyKeyShapeArgs{Algorithm: pulumi.String("AES"), Length: pulumi.Int(32)},
		FreeformTags:       s.tags,
	}, child)
	if err != nil {
		return err
	}
	r.KeyID = made.ID().ToStringOutput()
	return nil
}

// secretName ends in a hash of the generated key's ciphertext. A deleted secret keeps
// its name in the vault for weeks, so a stack that comes back needs a new one, and
// the seed is new exactly then. The ciphertext is public and gives nothing away.
func secretName(names namer, part, ciphertext string) string {
	sum := sha256.Sum256([]byte(ciphertext))
	return names.unique(part, 240) + "-" + hex.EncodeToString(sum[:])[:8]
}

// passwordLetters has no vowels, so that no word, "admin" above all, can come out.
const passwordLetters = "bcdfghjkmnpqrstvwxzBCDFGHJKMNPQRSTVWXZ23456789"

// databasePassword turns a generated key into a password that an Autonomous Database
// takes: 12 to 30 characters with an upper-case letter, a lower-case letter and a
// digit, without quotes and without "admin" (OCI: adminPassword).
func databasePassword(seed string) string {
	sum := sha512.Sum512([]byte("oci-media-pipelines database password\x00" + seed))
	password := []byte("Zq7") // one of each kind, whatever follows
	for i := range 26 {
		pair := int(sum[2*i])<<8 | int(sum[2*i+1])
		password = append(password, passwordLetters[pair%len(passwordLetters)])
	}
	return string(password)
}
