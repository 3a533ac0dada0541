package capture

type example struct{}
type Model struct{}

func (d *diagnoser) example(r *Diagnosis, list []*connection) *example { return nil }
func (r *Diagnosis) answer() string                                    { return "" }
