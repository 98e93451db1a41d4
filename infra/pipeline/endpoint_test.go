package pipeline

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestNewVaultsAreWaitedFor(t *testing.T) {
	r := newRig("iamSettleSeconds", "0")
	r.clock = testTime.Add(time.Second)
	asked := map[string]int{}
	r.reached = func(url string) error {
		asked[url]++
		if strings.Contains(url, "management") && asked[url] < 4 {
			return errors.New("no such host")
		}
		return nil
	}
	deployed(t, r)
	if asked["https://v-management.example"] != 4 || asked["https://v-crypto.example"] != 1 || len(r.waits) != 3 {
		t.Errorf("asked %v, waited %v", asked, r.waits)
	}
	if endpoint := r.one(t, "Key").text(t, "managementEndpoint"); endpoint != "https://v-management.example" {
		t.Errorf("the key is made at %s", endpoint)
	}
}

func TestOldVaultsAreNotWaitedFor(t *testing.T) {
	for name, r := range map[string]*rig{"later run": newRig(), "preview": newRig()} {
		t.Run(name, func(t *testing.T) {
			r.preview = name == "preview"
			r.reached = func(url string) error {
				t.Errorf("asked %s", url)
				return nil
			}
			deployed(t, r)
		})
	}
}

func TestVaultsWithoutNameFail(t *testing.T) {
	r := newRig("iamSettleSeconds", "0")
	r.clock = testTime.Add(time.Second)
	r.reached = func(string) error { return errors.New("no such host") }
	r.impatient = true
	if err := r.run(); err == nil || !strings.Contains(err.Error(), "no such host") || !strings.Contains(err.Error(), "run up again") {
		t.Errorf("error %v", err)
	}
}
