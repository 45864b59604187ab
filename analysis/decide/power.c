/* SPDX-License-Identifier: MIT */
#include "analysis/decide/power.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

/* Standard errors between no difference and the least that is found. */
static double reach(double freedom, double level, double power)
{
	return gsl_cdf_tdist_Pinv((1 + level) / 2, freedom) + gsl_cdf_tdist_Pinv(power, freedom);
}

double power_finds(const struct estimate *e, double level, double power)
{
	if (!(e->error > 0))
		return NAN;
	return fmin(DBL_MAX, expm1(reach(e->freedom, level, power) * e->error));
}

double power_rounds(const struct estimate *e, unsigned pilot, double level, double margin,
                    double power)
{
	double error, scatter;

	if (!(e->error > 0))
		return pilot;
	error = log1p(margin) / reach(e->freedom, level, power);
	if (error <= e->clock)
		return INFINITY;
	scatter = (e->error * e->error - e->clock * e->clock) * pilot;
	return fmax(pilot, ceil(scatter / (error * error - e->clock * e->clock)));
}

const char *power_scatter(const struct estimate *e, bool paired)
{
	if (!(e->error > 0))
		return "";
	if (e->clock * e->clock > e->error * e->error / 2)
		return "clock";
	if (e->samples > 0.5)
		return "samples";
	return paired ? "launches" : "rounds";
}
