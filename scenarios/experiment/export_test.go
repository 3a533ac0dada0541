package experiment

import "context"

// Smallest is the number that Run finds of the first candidate, without what else it
// finds out about it.
func (s *Size) Smallest(ctx context.Context, store *Store) (int, error) {
	s.store = store
	count := s.sizing.CountOf(0)
	x := search{year: s.last(), start: s.bracket(0, s.last()).number, missed: count.Low - 1, held: count.High + 1, most: count.High}
	err := s.find(ctx, &x)
	return x.held, err
}
