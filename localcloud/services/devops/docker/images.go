package docker

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// images lists the images that are there, or those of a repository.
func (c *invocation) images(arguments []string) error {
	set := flags()
	var quiet, whole bool
	set.BoolVar(&quiet, "q", false, "")
	set.BoolVar(&quiet, "quiet", false, "")
	set.BoolVar(&whole, "no-trunc", false, "")
	set.Bool("a", false, "")
	set.Bool("all", false, "")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	all, err := c.store.list()
	if err != nil {
		return err
	}
	if set.NArg() > 0 {
		wanted := candidates(set.Arg(0))
		all = slices.DeleteFunc(all, func(e entry) bool {
			repository, _, _ := cutTag(e.name)
			return !slices.Contains(wanted, e.name) && !slices.Contains(wanted, repository+":latest")
		})
	}
	table := tabwriter.NewWriter(c.out, 0, 0, 3, ' ', 0)
	if !quiet {
		fmt.Fprintln(table, "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE")
	}
	for _, e := range all {
		id := e.id.Hex[:12]
		if whole {
			id = e.id.String()
		}
		if quiet {
			fmt.Fprintln(table, id)
			continue
		}
		described, err := describe(e, all)
		if err != nil {
			return err
		}
		repository, tag, _ := cutTag(familiar(e.name))
		if e.name == "" {
			repository, tag = "<none>", "<none>"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.1fMB\n", repository, tag, id, described.Created, float64(described.Size)/1e6)
	}
	return table.Flush()
}

// cutTag cuts what follows the last colon from a name that has a tag.
func cutTag(full string) (repository, tag string, ok bool) {
	i := strings.LastIndex(full, ":")
	if i < 0 {
		return full, "", false
	}
	return full[:i], full[i+1:], true
}
