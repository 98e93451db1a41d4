package limits_test

import (
	"testing"

	"oci-media-pipelines/localcloud/limits"
)

func TestEachLimitHasANumberAndASourceOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, limit := range limits.All() {
		if limit.Most < 1 || limit.Source == "" || seen[limit.Name] {
			t.Errorf("%+v", limit)
		}
		seen[limit.Name] = true
	}
	if len(seen) == 0 {
		t.Error("there are no limits")
	}
}

func TestALimitCanBeRaisedAndLowered(t *testing.T) {
	table := limits.Documented()
	if err := table.Tenancy(limits.Vcns, 49); err != nil {
		t.Error(err)
	}
	if err := table.Tenancy(limits.Vcns, 50); err == nil {
		t.Error("a 51st VCN is taken")
	}
	table.Set(limits.Vcns, 51)
	if err := table.Tenancy(limits.Vcns, 50); err != nil {
		t.Error(err)
	}
	table.Set(limits.Vcns, 0)
	if err := table.Tenancy(limits.Vcns, 0); err == nil {
		t.Error("a VCN is taken where there may be none")
	}
	if err := table.Change("vcn-cuont", 1); err == nil {
		t.Error("a limit that there is not can be changed")
	}
	if err := table.Change(limits.Vcns, -1); err == nil {
		t.Error("a limit can be negative")
	}
	if err := table.Change(limits.Vcns, 1); err != nil || table.Most(limits.Vcns) != 1 {
		t.Errorf("changed to %d, %v", table.Most(limits.Vcns), err)
	}
	if err := table.Amount(limits.ContainerInstanceOcpus, 1000, 64); err != nil {
		t.Error(err)
	}
	table.Set(limits.ContainerInstanceOcpus, 4)
	if err := table.Amount(limits.ContainerInstanceOcpus, 2, 2); err != nil {
		t.Error(err)
	}
	if err := table.Amount(limits.ContainerInstanceOcpus, 2, 3); err == nil {
		t.Error("a fifth OCPU is taken")
	}
	if err := table.Parts(limits.VcnBlocks, "cidrBlocks", 6); err == nil {
		t.Error("a sixth CIDR block is taken")
	}
}
