package devops

import (
	"slices"
	"testing"

	"oci-media-pipelines/localcloud/kind"
)

// What a killed cloud left behind, or had not begun, is put right by the next.
func TestStartSource(t *testing.T) {
	s := alone(t)
	kept, lost, gone := kind.NewID(typeRepository, "us-ashburn-1"), kind.NewID(typeRepository, "us-ashburn-1"), kind.NewID(typeRepository, "us-ashburn-1")
	for _, id := range []string{kept, gone} {
		if err := s.repositories.Create(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{kept, lost} {
		if err := s.Engine.Put(kind.Object{"id": id, "repositoryType": hosted}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.startSource(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids, err := s.repositories.IDs()
	want := []string{kept, lost}
	slices.Sort(ids)
	slices.Sort(want)
	if err != nil || !slices.Equal(ids, want) {
		t.Errorf("repositories %v, %v, want %v", ids, err, want)
	}
}
