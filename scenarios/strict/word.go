package strict

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"lbsim/models/flow"
)

// word decodes a scalar into a v whose type isWord.
func (d *decoder) word(n *Node, v reflect.Value) {
	p := d.policies[v.Type()]
	switch {
	case n.kind != scalar:
		expected, what := describe(v.Type()), "fields"
		if p != nil {
			expected = "one of " + enumerate(p.names())
		}
		if n.kind == list {
			what = "a list"
		}
		d.mistake(n, Mistake{fmt.Sprintf("%s is expected, not %s", expected, what), ""})
	case p != nil && p.kind(n.text) == nil:
		d.mistake(n, p.unknown(n.text))
	case p != nil:
		v.Set(reflect.ValueOf(p.kind(n.text).New()))
	default:
		if err := setWord(n, v); err != nil {
			d.mistake(n, mistaken(err))
		}
	}
}

// setWord sets v to what the scalar n says.
func setWord(n *Node, v reflect.Value) error {
	if s, ok := v.Addr().Interface().(Scalar); ok {
		return s.ParseScalar(n.text)
	}
	switch v.Type() {
	case durationType:
		return assign(v, n.text, ParseDuration)
	case rateType:
		return assign(v, n.text, ParseRate)
	case shareType:
		return assign(v, n.text, ParseShare)
	case sizeType:
		return assign(v, n.text, ParseSize)
	}
	switch kind := v.Kind(); {
	case kind == reflect.String:
		v.SetString(n.text)
	case kind == reflect.Bool:
		if n.quoted || n.text != "true" && n.text != "false" {
			return Mistake{fmt.Sprintf("%s is neither true nor false", quote(n.text)), "write true or false"}
		}
		v.SetBool(n.text == "true")
	case n.quoted:
		return Mistake{fmt.Sprintf("%s is text; %s is expected", quote(n.text), describe(v.Type())), "remove the quotes"}
	case v.CanInt():
		return setInt(n.text, v)
	case v.CanUint():
		return setUint(n.text, v)
	case v.CanFloat():
		return setFloat(n.text, v)
	default:
		panic(fmt.Sprintf("strict: no rule for type %v", v.Type()))
	}
	return nil
}

// assign sets v to what parse makes of text.
func assign[T any](v reflect.Value, text string, parse func(string) (T, error)) error {
	x, err := parse(text)
	if err == nil {
		v.Set(reflect.ValueOf(x))
	}
	return err
}

// setInt sets v, of a signed kind, to a plain decimal number in its range.
func setInt(text string, v reflect.Value) error {
	bits := v.Type().Bits()
	if m, ok := notWhole(text, strings.TrimPrefix(text, "-")); !ok {
		return m
	}
	x, err := strconv.ParseInt(text, 10, bits)
	if err != nil {
		low, high := int64(math.MinInt64)>>(64-bits), int64(math.MaxInt64)>>(64-bits)
		return Mistake{fmt.Sprintf("%s is out of range", quote(text)), fmt.Sprintf("%d to %d is possible", low, high)}
	}
	v.SetInt(x)
	return nil
}

// ParseInt reads a plain decimal number.
func ParseInt(text string) (n int, err error) {
	err = setInt(text, reflect.ValueOf(&n).Elem())
	return n, err
}

// setUint sets v, of an unsigned kind, to a plain decimal number in its range.
func setUint(text string, v reflect.Value) error {
	if m, ok := notWhole(text, strings.TrimPrefix(text, "-")); !ok {
		return m
	}
	if strings.HasPrefix(text, "-") {
		return Mistake{quote(text) + " is negative", "write a whole number from 0 on"}
	}
	bits := v.Type().Bits()
	x, err := strconv.ParseUint(text, 10, bits)
	if err != nil {
		return Mistake{fmt.Sprintf("%s is out of range", quote(text)), fmt.Sprintf("0 to %d is possible", uint64(math.MaxUint64)>>(64-bits))}
	}
	v.SetUint(x)
	return nil
}

// groupMarks removes what people put between groups of three digits.
var groupMarks = strings.NewReplacer("_", "", ",", "", "'", "")

// notWhole explains digits, the text without its sign, that are not a decimal
// number. A leading zero is refused because some read it as octal.
func notWhole(text, digits string) (Mistake, bool) {
	switch {
	case digits == "" || strings.Trim(digits, "0123456789") != "":
		m := Mistake{quote(text) + " is not a whole number", "write digits only, such as 4"}
		if plain := groupMarks.Replace(digits); plain != digits && plain != "" && strings.Trim(plain, "0123456789") == "" {
			m.Hint = "write " + clip(plain)
		}
		return m, false
	case len(digits) > 1 && digits[0] == '0':
		return Mistake{quote(text) + " begins with a zero", "write it without; numbers are decimal"}, false
	}
	return Mistake{}, true
}

// setFloat sets v to a decimal number, with an exponent if need be. The words
// of YAML for infinity and not-a-number do not fit the pattern.
func setFloat(text string, v reflect.Value) error {
	number, exponent := cutNumber(strings.TrimPrefix(text, "-"))
	if digits, found := strings.CutPrefix(strings.ToLower(exponent), "e"); found {
		if _, ok := index(strings.TrimLeft(digits, "+-")); ok && len(digits)-len(strings.TrimLeft(digits, "+-")) <= 1 {
			exponent = ""
		}
	}
	if number == "" || exponent != "" {
		return Mistake{quote(text) + " is not a plain number", "write it without a unit, such as 2 or 0.5"}
	}
	x, err := strconv.ParseFloat(text, v.Type().Bits())
	if err != nil {
		return Mistake{quote(text) + " is too large", ""}
	}
	v.SetFloat(x)
	return nil
}

// describe says in plain words what a field of type t takes.
func describe(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "a duration such as 30s"
	case reflect.TypeFor[flow.Rate]():
		return "a rate such as 900/s"
	case reflect.TypeFor[flow.Share]():
		return "a share such as 35%"
	case reflect.TypeFor[flow.Size]():
		return "a size such as 4KB"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.String, reflect.Struct:
		return "a word"
	}
	return "a whole number"
}
