/*
 * report-xml.h - all that a run has seen as an XML document, which
 * schemas/report.rng describes and the stylesheets of the other formats read.
 *
 * The document is UTF-8 without control characters, whatever the names on disk
 * are: they go through escape_text() first. Nothing in it depends on the time
 * or the machine. Findings that the policy ignores are left out.
 */
#ifndef REPORT_XML_H
#define REPORT_XML_H

#include "baseline.h"
#include "listing.h"
#include "policy.h"

struct buffer;

/* Append the document to OUT. BASELINE may be NULL. */
void report_xml(struct buffer *out, const struct listing *listing,
                const struct policy *policy, const struct baseline *baseline);

#endif
