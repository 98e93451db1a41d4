package settings

// DefaultCollection is the SODA collection of the analysis documents.
const DefaultCollection = "IMAGE_ANALYSIS"

// Pipeline holds the settings that every workload of the image-analysis pipeline has.
type Pipeline struct {
	// CompartmentID is the compartment that the workload's policies are about (COMPARTMENT_ID).
	CompartmentID string
	// Namespace and Bucket are where the images are (BUCKET_NAMESPACE, BUCKET_NAME).
	Namespace, Bucket string
	// ORDSURL is the database's ORDS base URL, which ends in /ords/ (ORDS_URL).
	ORDSURL string
	// DBUser is the database user whose REST-enabled schema holds the collection (DB_USER).
	DBUser string
	// PasswordSecretID is the OCID of the Vault secret with that user's password (DB_PASSWORD_SECRET_ID).
	PasswordSecretID string
	// Collection is the SODA collection of analysis documents (COLLECTION, default DefaultCollection).
	Collection string
}

// Pipeline reads the settings shared by all workloads; see Err for what is wrong with them.
func (r *Reader) Pipeline() Pipeline {
	return Pipeline{
		CompartmentID:    r.Required("COMPARTMENT_ID"),
		Namespace:        r.Required("BUCKET_NAMESPACE"),
		Bucket:           r.Required("BUCKET_NAME"),
		ORDSURL:          r.RequiredURL("ORDS_URL"),
		DBUser:           r.Required("DB_USER"),
		PasswordSecretID: r.RequiredOCID("DB_PASSWORD_SECRET_ID", "vaultsecret"),
		Collection:       r.Optional("COLLECTION", DefaultCollection),
	}
}
