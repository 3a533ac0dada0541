package dist
import ("testing")
func TestZZ(t *testing.T){
  d := (&Gamma{Mean:s, CV:10}).Build().(*gammaLaw); v:=d.unit
  for _, p := range []float64{1.0/8,1.0/32,1.0/33,1.0/40,1.0/64} { g:=v.curve.guess(p); x:=solve(v.curve,p,g); t.Log(p,g,x,v.curve.at(x), v.node(x,false)) }
}
