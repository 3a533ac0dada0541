package strict

// Regular expressions (ECMA 262) of values with units, for the JSON schema. They
// are a little wider than the parsers, which also check order and range.
const (
	DurationPattern = `^([0-9]+(\.[0-9]+)?(d|h|m|s|ms|us))+$`
	RatePattern     = `^[0-9]+(\.[0-9]+)?/(s|min|h|d)$`
	SharePattern    = `^0*(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)%$`
	SizePattern     = `^[0-9]+(\.[0-9]+)?([KMGT]i?)?B$`
)
