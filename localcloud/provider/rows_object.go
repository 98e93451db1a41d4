package provider

import (
	"crypto/md5" // Object Storage names contents by their MD5
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// objectProperties are a stored object's properties: none of them is in a JSON
// model, since objects come and go as bytes with headers.
var objectProperties = func() map[string]string {
	names := map[string]string{}
	for name := range schema().resources["oci:ObjectStorage/storageObject:StorageObject"].outputs {
		names[name] = "in headers; see describeObject"
	}
	return names
}()

// objectContent opens the bytes to store: the text in content, or the file that
// source names.
func objectContent(op *operation) (io.ReadCloser, int64, error) {
	content, source := op.stringOf("content"), op.stringOf("source")
	switch {
	case content != "" && source != "":
		return nil, 0, errors.New("content and source are both set; an object has one of them")
	case source == "":
		return io.NopCloser(strings.NewReader(content)), int64(len(content)), nil
	}
	file, err := os.Open(source)
	if err != nil {
		return nil, 0, fmt.Errorf("source: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("source: %w", errors.Join(err, file.Close()))
	}
	return file, info.Size(), nil
}

func putObject(op *operation) (reflect.Value, error) {
	body, size, err := objectContent(op)
	if err != nil {
		return reflect.Value{}, err
	}
	defer body.Close() // only read
	r, _, err := op.request("PutObject", nil)
	if err != nil {
		return reflect.Value{}, err
	}
	put := r.v.Addr().Interface().(*objectstorage.PutObjectRequest)
	put.PutObjectBody, put.ContentLength = body, common.Int64(size)
	for name, target := range map[string]**string{
		"cacheControl": &put.CacheControl, "contentDisposition": &put.ContentDisposition, "contentEncoding": &put.ContentEncoding,
		"contentLanguage": &put.ContentLanguage, "contentMd5": &put.ContentMD5, "contentType": &put.ContentType,
	} {
		if value := op.stringOf(name); value != "" {
			*target = common.String(value)
		}
	}
	if metadata := plain(op.inputs["metadata"]); metadata.IsObject() {
		put.OpcMeta = map[string]string{}
		for key, value := range metadata.ObjectValue() {
			put.OpcMeta[string(key)] = plain(value).StringValue()
		}
	}
	if _, err := op.send(r); err != nil {
		return reflect.Value{}, err
	}
	op.id, err = op.kind.newID(op.inputs, reflect.Value{})
	return reflect.Value{}, err
}

func headObject(op *operation) (reflect.Value, error) {
	answer, err := op.call("HeadObject", nil)
	return answer.v, err
}

// changeObject renames: everything else replaces the object.
func changeObject(op *operation, changed []string) error {
	for _, name := range changed {
		switch name {
		case "deleteAllObjectVersions":
		case "object":
			ids, err := op.kind.parseID(op.id)
			if err != nil {
				return err
			}
			r, _, err := op.request("RenameObject", nil)
			if err != nil {
				return err
			}
			r.v.Addr().Interface().(*objectstorage.RenameObjectRequest).RenameObjectDetails = objectstorage.RenameObjectDetails{
				SourceName: common.String(ids["objectName"]), NewName: common.String(op.stringOf("object")),
			}
			if _, err := op.send(r); err != nil {
				return err
			}
			// The id keeps the old name in Pulumi's state, so later reads would miss
			// the object.
			return errors.New("the object was renamed; bring the stack's state up to date by importing it under its new name")
		default:
			return fmt.Errorf("%s cannot be changed by this provider", name)
		}
	}
	return nil
}

// deleteObject deletes the object; with deleteAllObjectVersions also the
// versions that a versioned bucket keeps of it.
func deleteObject(op *operation) error {
	if all := plain(op.inputs["deleteAllObjectVersions"]); !all.IsBool() || !all.BoolValue() {
		_, err := op.call("DeleteObject", nil)
		return err
	}
	ids, err := op.kind.parseID(op.id)
	if err != nil {
		return err
	}
	list, _, err := op.request("ListObjectVersions", nil)
	if err != nil {
		return err
	}
	list.v.Addr().Interface().(*objectstorage.ListObjectVersionsRequest).Prefix = common.String(ids["objectName"])
	versions, err := allPages(list, op.send)
	if err != nil {
		return err
	}
	for _, version := range versions {
		if modelText(version, "name") != ids["objectName"] {
			continue
		}
		r, _, err := op.request("DeleteObject", nil)
		if err != nil {
			return err
		}
		r.v.Addr().Interface().(*objectstorage.DeleteObjectRequest).VersionId = common.String(modelText(version, "versionId"))
		if _, err := op.send(r); err != nil && !notFound(err) {
			return err
		}
	}
	return nil
}

// describeObject fills the outputs from the headers. The bytes are compared by
// their MD5: others than the program's show as changed content.
func describeObject(op *operation, model reflect.Value, outputs resource.PropertyMap) error {
	if !model.IsValid() {
		return nil
	}
	head, ok := model.Interface().(objectstorage.HeadObjectResponse)
	if !ok {
		return nil
	}
	for name, value := range map[string]*string{
		"cacheControl": head.CacheControl, "contentDisposition": head.ContentDisposition, "contentEncoding": head.ContentEncoding,
		"contentLanguage": head.ContentLanguage, "contentType": head.ContentType, "contentMd5": head.ContentMd5, "versionId": head.VersionId,
	} {
		if value != nil {
			outputs[resource.PropertyKey(name)] = resource.NewProperty(*value)
		}
	}
	if head.ContentLength != nil {
		outputs["contentLength"] = resource.NewProperty(strconv.FormatInt(*head.ContentLength, 10))
	}
	metadata := resource.PropertyMap{}
	for key, value := range head.OpcMeta {
		metadata[resource.PropertyKey(strings.ToLower(key))] = resource.NewProperty(value)
	}
	outputs["metadata"] = resource.NewProperty(metadata)
	outputs["state"] = resource.NewProperty("AVAILABLE")
	if content := op.stringOf("content"); content != "" && head.ContentMd5 != nil {
		sum := md5.Sum([]byte(content)) // see import
		if base64.StdEncoding.EncodeToString(sum[:]) != *head.ContentMd5 {
			outputs["content"] = resource.NewProperty("(changed outside Pulumi, MD5 " + *head.ContentMd5 + ")")
		}
	}
	return nil
}
