package devops

import (
	"context"
	"errors"
	"fmt"
	"sync"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// bell wakes those who wait for a change.
type bell struct {
	mu     sync.Mutex
	struck chan struct{}
}

// next is closed by the next ring.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.struck == nil {
		b.struck = make(chan struct{})
	}
	return b.struck
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.struck != nil {
		close(b.struck)
		b.struck = nil
	}
}

// awaitApproval runs a MANUAL_APPROVAL stage: it waits until as many have approved as
// the stage asks for, or one has rejected.
func (d *deployment) awaitApproval(ctx context.Context, stage kind.Object) error {
	id := stage.Str("id")
	wanted := max(1, int(stage.Object("approvalPolicy").Number("numberOfApprovalsRequired")))
	d.log.line(id, fmt.Sprintf("Waiting for %d approvals.", wanted))
	for {
		changed := d.service.approvals.next()
		run, found := d.service.Engine.Get(d.run.Str("id"))
		if !found {
			return errors.New("the deployment was deleted")
		}
		approved := 0
		for _, action := range approvalActions(run, id) {
			if action.Str("action") == string(sdk.ApprovalActionActionReject) {
				return fmt.Errorf("rejected by %s: %s", action.Str("subjectId"), action.Str("reason"))
			}
			approved++
		}
		if approved >= wanted {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// approvalActions returns what people have decided on a stage.
func approvalActions(run kind.Object, stageID string) []kind.Object {
	p := deploymentWords.stagesOf(run).Object(stageID)
	return p.Objects("approvalActions")
}

func (s *Service) approveDeployment(c *api.Call) (*api.Response, error) {
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	details, err := kind.Decode(raw, sdk.ApproveDeploymentDetails{})
	if err != nil {
		return nil, err
	}
	stageID := details.Str("deployStageId")
	response, err := s.Engine.Act(c, typeDeployment, func(o kind.Object) error {
		p := deploymentWords.stagesOf(o).Object(stageID)
		if p.Str("deployStageType") != stageApproval {
			return api.InvalidParameter("deployStageId: %s is no stage of this deployment that waits for approval.", stageID)
		}
		if p.Str("status") != inProgress {
			return api.IncorrectState("Stage %s is %s and waits for no approval.", stageID, p.Str("status"))
		}
		for _, earlier := range approvalActions(o, stageID) {
			if earlier.Str("subjectId") == c.Principal.ID {
				return api.IncorrectState("%s has decided on stage %s already: each approval is by somebody else.", c.Principal.ID, stageID)
			}
		}
		action := kind.Object{"subjectId": c.Principal.ID, "action": details.Str("action"), "reason": details["reason"]}
		p["approvalActions"] = collection(append(approvalActions(o, stageID), action))["items"]
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.approvals.ring()
	return response, nil
}
