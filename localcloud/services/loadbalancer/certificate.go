package loadbalancer

import (
	"crypto/tls"

	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

const certificatePath = "/loadBalancers/{id}/certificates"

func (s *Service) routeCertificates(a operations) {
	a.Route("CreateCertificate", "POST "+certificatePath, func(c *api.Call) (*api.Response, error) {
		details, err := body(c, sdk.CreateCertificateDetails{})
		if err != nil {
			return nil, err
		}
		return s.perform(c, "CreateCertificate", func(lb kind.Object) error {
			return s.addCertificate(lb, details.Str("certificateName"), details)
		})
	})
	a.Route("ListCertificates", "GET "+certificatePath, s.listParts("certificates"))
	a.Route("DeleteCertificate", "DELETE "+certificatePath+"/{certificate}", func(c *api.Call) (*api.Response, error) {
		return s.perform(c, "DeleteCertificate", func(lb kind.Object) error {
			name := c.Param("certificate")
			if _, err := entry(lb, "certificates", "certificate", name); err != nil {
				return err
			}
			err := unused(lb, "certificate", name, func(l kind.Object) bool {
				return l.Object("sslConfiguration").Str("certificateName") == name
			})
			if err != nil {
				return err
			}
			delete(part(lb, "certificates"), name)
			return s.keys.remove(lb.Str("id"), name)
		})
	})
}

// addCertificate adds a certificate bundle. Its private key is kept apart, sealed.
func (s *Service) addCertificate(lb kind.Object, name string, details any) error {
	if err := vacant(lb, "certificates", "certificate", name); err != nil {
		return err
	}
	bundle, err := redecode(details, sdk.CertificateDetails{})
	if err != nil {
		return err
	}
	if bundle.Str("passphrase") != "" {
		return api.NotImplemented("passphrase: the local cloud takes private keys without a passphrase only.")
	}
	public, ca, key := bundle.Str("publicCertificate"), bundle.Str("caCertificate"), bundle.Str("privateKey")
	if key != "" {
		if _, err := tls.X509KeyPair([]byte(public), []byte(key)); err != nil {
			return api.InvalidParameter("publicCertificate and privateKey: %v.", err)
		}
		if err := s.keys.put(lb.Str("id"), name, key); err != nil {
			return err
		}
	} else if ca == "" {
		return api.MissingParameter("A certificate bundle needs publicCertificate and privateKey, or caCertificate.")
	}
	part(lb, "certificates")[name] = map[string]any{"certificateName": name, "publicCertificate": public, "caCertificate": ca}
	return nil
}

// certificate returns what a TLS listener shows.
func (s *Service) certificate(lb kind.Object, name string) (*tls.Certificate, error) {
	bundle, err := entry(lb, "certificates", "certificate", name)
	if err != nil {
		return nil, err
	}
	key, err := s.keys.get(lb.Str("id"), name)
	if err != nil {
		return nil, err
	}
	if key == "" {
		return nil, api.InvalidParameter("certificate %q has no private key, which a listener needs.", name)
	}
	pair, err := tls.X509KeyPair([]byte(bundle.Str("publicCertificate")+"\n"+bundle.Str("caCertificate")), []byte(key))
	if err != nil {
		return nil, api.InvalidParameter("certificate %q: %v.", name, err)
	}
	return &pair, nil
}
