<?xml version="1.0" encoding="UTF-8"?>
<!--
  report-html.xsl: the report of virt-snapshot-verify (report.rng) as one page
  for people: no script, no other file, light or dark as the reader's system is,
  fit for a telephone and for paper.

  How a tree is drawn: the list of its snapshots is a grid of one column, and
  each snapshot is its row of that number, as far to the right as it is deep. A
  line that starts at a snapshot and ends at its last child covers the rows
  between; so rows may have any height, and nothing is nested. Deeper than 16rem
  (the variable indent) nothing moves further to the right.

  Names come from disk: each is a <bdi>, so that none turns the text around it.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

  <xsl:output method="html" encoding="UTF-8" indent="no"
              doctype-system="about:legacy-compat"/>

  <!-- The findings of a domain, or of none, by their problem; those of a
       snapshot; and the children of a snapshot. -->
  <xsl:key name="found" match="problem"
           use="concat(generate-id(..), ' ', @id)"/>
  <xsl:key name="of-snapshot" match="domain/problem[@snapshot-index]"
           use="concat(generate-id(..), ' ', @snapshot-index)"/>
  <xsl:key name="children" match="snapshot[@below]"
           use="concat(generate-id(..), ' ', @below)"/>

  <!-- Browsers place only some thousand rows by number. -->
  <xsl:variable name="most-rows" select="5000"/>

  <xsl:template match="/">
    <xsl:apply-templates select="report"/>
  </xsl:template>

  <!-- What it is a report of; and what the loaders are called: of checkpoints
       there is one. -->
  <xsl:variable name="checkpoints" select="/report/@kind = 'checkpoint'"/>
  <xsl:variable name="thing">
    <xsl:choose>
      <xsl:when test="$checkpoints">checkpoint</xsl:when>
      <xsl:otherwise>snapshot</xsl:otherwise>
    </xsl:choose>
  </xsl:variable>
  <xsl:variable name="Things">
    <xsl:choose>
      <xsl:when test="$checkpoints">Checkpoints</xsl:when>
      <xsl:otherwise>Snapshots</xsl:otherwise>
    </xsl:choose>
  </xsl:variable>
  <xsl:variable name="stock-name">
    <xsl:if test="not($checkpoints)">stock </xsl:if>
    <xsl:text>libvirt</xsl:text>
  </xsl:variable>
  <xsl:variable name="stock">
    <xsl:if test="not($checkpoints)">a </xsl:if>
    <xsl:value-of select="$stock-name"/>
  </xsl:variable>

  <xsl:template match="report">
    <html lang="en">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <meta name="generator" content="virt-snapshot-verify {@version}"/>
        <title>
          <xsl:value-of select="concat($Things, ': ')"/>
          <xsl:call-template name="verdict"/>
        </title>
        <style>
          <xsl:call-template name="style"/>
        </style>
      </head>
      <body>
        <header>
          <p class="kicker">virt-snapshot-verify</p>
          <h1>
            <xsl:call-template name="verdict"/>
          </h1>
          <xsl:if test="@base">
            <p class="where">
              <bdi><xsl:value-of select="@base"/></bdi>
            </p>
          </xsl:if>
          <xsl:apply-templates select="summary"/>
        </header>
        <main>
          <xsl:if test="unchecked">
            <section aria-labelledby="unchecked">
              <h2 id="unchecked">Could not be checked</h2>
              <p class="lead">Neither good nor bad: nothing is known.</p>
              <ul class="unchecked">
                <xsl:for-each select="unchecked">
                  <li><bdi><xsl:value-of select="."/></bdi></li>
                </xsl:for-each>
              </ul>
            </section>
          </xsl:if>
          <xsl:if test="count(domain) &gt; 1">
            <xsl:call-template name="overview"/>
          </xsl:if>
          <xsl:if test="problem">
            <section aria-labelledby="d0">
              <h2 id="d0">Of no domain</h2>
              <xsl:call-template name="findings"/>
            </section>
          </xsl:if>
          <xsl:apply-templates select="domain"/>
          <xsl:if test="not(domain) and not(problem) and not(unchecked)">
            <p class="lead">
              <xsl:value-of select="concat('There are no ', $thing, 's here.')"/>
            </p>
          </xsl:if>
        </main>
        <footer>
          <p>
            <xsl:value-of select="concat('virt-snapshot-verify ', @version)"/>
          </p>
        </footer>
      </body>
    </html>
  </xsl:template>

  <!-- "2 errors, 1 warning" -->
  <xsl:template name="verdict">
    <xsl:variable name="sum" select="/report/summary"/>
    <xsl:choose>
      <xsl:when test="$sum/@errors = 0 and $sum/@warnings = 0">
        <xsl:choose>
          <xsl:when test="$sum/@unchecked = 0">No problems</xsl:when>
          <xsl:otherwise>No problems in what could be checked</xsl:otherwise>
        </xsl:choose>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="counted">
          <xsl:with-param name="count" select="$sum/@errors"/>
          <xsl:with-param name="what" select="'error'"/>
        </xsl:call-template>
        <xsl:text>, </xsl:text>
        <xsl:call-template name="counted">
          <xsl:with-param name="count" select="$sum/@warnings"/>
          <xsl:with-param name="what" select="'warning'"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="counted">
    <xsl:param name="count"/>
    <xsl:param name="what"/>
    <xsl:value-of select="concat($count, ' ', $what)"/>
    <xsl:if test="$count != 1">s</xsl:if>
  </xsl:template>

  <xsl:template match="summary">
    <dl class="figures">
      <div><dt>Domains</dt><dd><xsl:value-of select="@domains"/></dd></div>
      <div><dt><xsl:value-of select="$Things"/></dt><dd><xsl:value-of select="@snapshots"/></dd></div>
      <div>
        <xsl:if test="@errors != 0">
          <xsl:attribute name="class">error</xsl:attribute>
        </xsl:if>
        <dt>Errors</dt><dd><xsl:value-of select="@errors"/></dd>
      </div>
      <div>
        <xsl:if test="@warnings != 0">
          <xsl:attribute name="class">warning</xsl:attribute>
        </xsl:if>
        <dt>Warnings</dt><dd><xsl:value-of select="@warnings"/></dd>
      </div>
      <xsl:if test="../@baseline">
        <div>
          <dt>Known from the baseline</dt>
          <dd><xsl:value-of select="@known"/></dd>
        </div>
      </xsl:if>
      <xsl:if test="@unchecked != 0">
        <div class="error">
          <dt>Not checked</dt><dd><xsl:value-of select="@unchecked"/></dd>
        </div>
      </xsl:if>
      <xsl:if test="not($checkpoints)">
        <div>
          <dt>Lost by an upgrade to bulk files</dt>
          <dd><xsl:value-of select="@lost-by-upgrade"/></dd>
        </div>
        <div>
          <dt>Lost by a downgrade without export</dt>
          <dd><xsl:value-of select="@lost-by-downgrade"/></dd>
        </div>
      </xsl:if>
    </dl>
  </xsl:template>

  <xsl:template name="overview">
    <section aria-labelledby="domains">
      <h2 id="domains">Domains</h2>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Domain</th>
              <th scope="col" class="extra">Layout</th>
              <th scope="col" class="number">
                <xsl:value-of select="$Things"/>
              </th>
              <th scope="col" class="number">Errors</th>
              <th scope="col" class="number">Warnings</th>
              <th scope="col">Current</th>
            </tr>
          </thead>
          <tbody>
            <xsl:for-each select="domain">
              <xsl:variable name="errors"
                            select="count(problem[@severity = 'error'])"/>
              <xsl:variable name="warnings"
                            select="count(problem) - $errors"/>
              <tr>
                <th scope="row">
                  <a href="#d{@index}">
                    <xsl:call-template name="domain-name"/>
                  </a>
                </th>
                <td class="extra"><xsl:value-of select="@layout"/></td>
                <td class="number">
                  <xsl:value-of select="count(snapshot)"/>
                </td>
                <td class="number">
                  <xsl:if test="$errors">
                    <strong class="error">
                      <xsl:value-of select="$errors"/>
                    </strong>
                  </xsl:if>
                </td>
                <td class="number">
                  <xsl:if test="$warnings">
                    <strong class="warning">
                      <xsl:value-of select="$warnings"/>
                    </strong>
                  </xsl:if>
                </td>
                <td><bdi><xsl:value-of select="@current"/></bdi></td>
              </tr>
            </xsl:for-each>
          </tbody>
        </table>
      </div>
    </section>
  </xsl:template>

  <xsl:template name="domain-name">
    <bdi>
      <xsl:if test="@base">
        <xsl:value-of select="concat(@base, '/')"/>
      </xsl:if>
      <xsl:value-of select="@name"/>
    </bdi>
  </xsl:template>

  <xsl:template match="domain">
    <!-- Is there anything to say of what some libvirt makes of a snapshot? -->
    <xsl:variable name="odd"
                  select="boolean(snapshot[@legacy-loader != 'shown'
                                           or @bulk-loader != 'shown'
                                           or @legacy-reason
                                           or @bulk-reason])"/>
    <section class="domain" aria-labelledby="d{@index}">
      <h2 id="d{@index}">
        <xsl:call-template name="domain-name"/>
      </h2>
      <p class="lead">
        <xsl:choose>
          <xsl:when test="$checkpoints and snapshot">A file per checkpoint</xsl:when>
          <xsl:when test="@layout = 'legacy'">Legacy layout: a file per snapshot</xsl:when>
          <xsl:when test="@layout = 'bulk'">Bulk layout: one file</xsl:when>
          <xsl:when test="@layout = 'both'">Both layouts: files, and a bulk file</xsl:when>
          <xsl:otherwise>An empty directory</xsl:otherwise>
        </xsl:choose>
        <xsl:text> · </xsl:text>
        <xsl:call-template name="counted">
          <xsl:with-param name="count" select="count(snapshot)"/>
          <xsl:with-param name="what" select="$thing"/>
        </xsl:call-template>
        <xsl:if test="snapshot and not(@current)"> · none is current</xsl:if>
        <xsl:if test="snapshot and not($odd)">
          <xsl:text> · every libvirt shows all of them</xsl:text>
        </xsl:if>
        <xsl:if test="@current-forgotten and not($checkpoints)">
          <xsl:text> · a stock libvirt forgets which one is current</xsl:text>
        </xsl:if>
      </p>
      <xsl:if test="@legacy-reason">
        <p class="loader hidden">
          <strong>
            <xsl:value-of select="concat('Hidden from ', $stock)"/>
          </strong>
          <xsl:text> – </xsl:text>
          <bdi><xsl:value-of select="@legacy-reason"/></bdi>
        </p>
      </xsl:if>
      <xsl:if test="@bulk-reason and not($checkpoints)">
        <p class="loader hidden">
          <strong>Hidden from a libvirt with bulk files</strong>
          <xsl:text> – </xsl:text>
          <bdi><xsl:value-of select="@bulk-reason"/></bdi>
        </p>
      </xsl:if>
      <xsl:if test="problem">
        <xsl:call-template name="findings"/>
      </xsl:if>
      <xsl:if test="snapshot">
        <h3><xsl:value-of select="$Things"/></h3>
        <xsl:call-template name="tree">
          <xsl:with-param name="mixed" select="$odd"/>
        </xsl:call-template>
      </xsl:if>
    </section>
  </xsl:template>

  <!-- The findings of the context node: one card for each problem, as what it
       leads to and what to do is the same for all of them. Errors first. -->
  <xsl:template name="findings">
    <xsl:variable name="owner" select="."/>
    <xsl:variable name="owner-id" select="generate-id()"/>
    <h3 id="f{count(self::domain) * @index}">
      <xsl:if test="not(self::domain)">
        <xsl:attribute name="id">f0</xsl:attribute>
      </xsl:if>
      <xsl:text>Findings</xsl:text>
    </h3>
    <xsl:for-each select="/report/rule">
      <xsl:sort select="@severity"/>
      <xsl:variable name="found"
                    select="key('found', concat($owner-id, ' ', @id))"/>
      <xsl:if test="$found">
        <article class="finding {@severity}">
          <h4>
            <span class="tag {@severity}">
              <xsl:value-of select="@severity"/>
            </span>
            <xsl:text> </xsl:text>
            <xsl:value-of select="title"/>
            <xsl:text> </xsl:text>
            <code><xsl:value-of select="@id"/></code>
          </h4>
          <dl class="advice">
            <div>
              <dt>What it leads to</dt>
              <dd><xsl:value-of select="consequence"/></dd>
            </div>
            <div>
              <dt>What to do</dt>
              <dd><xsl:value-of select="remedy"/></dd>
            </div>
          </dl>
          <xsl:choose>
            <xsl:when test="$found[@snapshot or @known
                                   or message != title]">
              <table class="places">
                <thead>
                  <tr>
                    <th scope="col">Where</th>
                    <th scope="col">
                      <xsl:value-of select="substring($Things, 1,
                                            string-length($Things) - 1)"/>
                    </th>
                    <th scope="col">Found</th>
                  </tr>
                </thead>
                <tbody>
                  <xsl:apply-templates select="$found">
                    <xsl:with-param name="owner" select="$owner"/>
                  </xsl:apply-templates>
                </tbody>
              </table>
            </xsl:when>
            <xsl:otherwise>
              <ul class="places">
                <xsl:for-each select="$found">
                  <li>
                    <xsl:call-template name="place"/>
                    <xsl:call-template name="own-remedy"/>
                  </li>
                </xsl:for-each>
              </ul>
            </xsl:otherwise>
          </xsl:choose>
        </article>
      </xsl:if>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="problem">
    <xsl:param name="owner"/>
    <tr>
      <td><xsl:call-template name="place"/></td>
      <td>
        <xsl:choose>
          <xsl:when test="@snapshot-index">
            <a href="#d{$owner/@index}s{@snapshot-index}">
              <bdi><xsl:value-of select="@snapshot"/></bdi>
            </a>
          </xsl:when>
          <xsl:otherwise>
            <bdi><xsl:value-of select="@snapshot"/></bdi>
          </xsl:otherwise>
        </xsl:choose>
      </td>
      <td>
        <bdi>
          <xsl:value-of select="substring-after(message,
                                                concat(title, ': '))"/>
        </bdi>
        <xsl:if test="@known">
          <xsl:text> </xsl:text>
          <span class="tag">known</span>
        </xsl:if>
        <xsl:call-template name="own-remedy"/>
      </td>
    </tr>
  </xsl:template>

  <!-- What to do about this finding, where it is not that of all such. -->
  <xsl:template name="own-remedy">
    <xsl:if test="remedy != /report/rule[@id = current()/@id]/remedy">
      <div><bdi><xsl:value-of select="remedy"/></bdi></div>
    </xsl:if>
  </xsl:template>

  <xsl:template name="place">
    <bdi class="place">
      <xsl:value-of select="@file"/>
      <xsl:if test="not(@file)">
        <xsl:value-of select="@domain"/>
      </xsl:if>
      <xsl:if test="@line">
        <xsl:value-of select="concat(':', @line)"/>
      </xsl:if>
      <xsl:if test="@column">
        <xsl:value-of select="concat(':', @column)"/>
      </xsl:if>
    </bdi>
  </xsl:template>

  <xsl:template name="tree">
    <xsl:param name="mixed"/>
    <xsl:variable name="plain" select="count(snapshot) &gt; $most-rows"/>
    <xsl:variable name="domain" select="@index"/>
    <xsl:variable name="domain-id" select="generate-id()"/>
    <div class="tree" role="list">
      <xsl:if test="$plain">
        <xsl:attribute name="class">tree plain</xsl:attribute>
      </xsl:if>
      <xsl:for-each select="snapshot">
        <xsl:variable name="last"
                      select="key('children', concat($domain-id, ' ',
                                                     @index))[last()]"/>
        <div role="listitem" id="d{$domain}s{@index}">
          <xsl:attribute name="class">
            <xsl:text>snapshot</xsl:text>
            <xsl:if test="@current"> current</xsl:if>
            <xsl:if test="@below"> child</xsl:if>
            <xsl:if test="@legacy-loader = 'hidden' or @bulk-loader = 'hidden'">
              <xsl:text> hidden</xsl:text>
            </xsl:if>
          </xsl:attribute>
          <xsl:attribute name="style">
            <xsl:value-of select="concat('--d:', @depth)"/>
            <xsl:if test="not($plain)">
              <xsl:value-of select="concat(';grid-row:', @index)"/>
            </xsl:if>
          </xsl:attribute>
          <xsl:call-template name="snapshot">
            <xsl:with-param name="domain" select="$domain"/>
            <xsl:with-param name="mixed" select="$mixed"/>
            <xsl:with-param name="findings"
                            select="count(key('of-snapshot',
                                    concat($domain-id, ' ', @index)))"/>
          </xsl:call-template>
        </div>
        <xsl:if test="$last and not($plain)">
          <span class="line" aria-hidden="true"
                style="--d:{@depth};grid-row:{@index}/{$last/@index}"></span>
        </xsl:if>
      </xsl:for-each>
    </div>
  </xsl:template>

  <xsl:template name="snapshot">
    <xsl:param name="domain"/>
    <xsl:param name="mixed"/>
    <xsl:param name="findings"/>
    <p class="head">
      <bdi class="name"><xsl:value-of select="@name"/></bdi>
      <xsl:if test="@current">
        <xsl:text> </xsl:text>
        <span class="tag now">current</span>
      </xsl:if>
      <xsl:if test="$findings">
        <xsl:text> </xsl:text>
        <a class="tag mark" href="#f{$domain}">
          <xsl:call-template name="counted">
            <xsl:with-param name="count" select="$findings"/>
            <xsl:with-param name="what" select="'finding'"/>
          </xsl:call-template>
        </a>
      </xsl:if>
      <xsl:text> </xsl:text>
      <span class="facts">
        <xsl:choose>
          <xsl:when test="@time">
            <time datetime="{@time}">
              <xsl:value-of select="concat(substring(@time, 1, 10), ' ',
                                           substring(@time, 12, 8), ' UTC')"/>
            </time>
          </xsl:when>
          <xsl:when test="@created">
            <xsl:value-of select="concat(@created, ' s')"/>
          </xsl:when>
          <xsl:otherwise>no creation time</xsl:otherwise>
        </xsl:choose>
        <xsl:choose>
          <xsl:when test="$checkpoints"/>
          <xsl:when test="@state">
            <xsl:text> · </xsl:text>
            <bdi><xsl:value-of select="@state"/></bdi>
          </xsl:when>
          <xsl:otherwise> · no state</xsl:otherwise>
        </xsl:choose>
        <xsl:if test="@depth &gt; 11">
          <xsl:value-of select="concat(' · ', @depth, ' deep')"/>
        </xsl:if>
      </span>
    </p>
    <xsl:choose>
      <!-- Where that is so of all, it stands above the tree. -->
      <xsl:when test="@legacy-loader = 'shown' and @bulk-loader = 'shown'
                      and not(@legacy-reason) and not(@bulk-reason)">
        <xsl:if test="$mixed">
          <p class="loader shown">shown by every libvirt</p>
        </xsl:if>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="loader">
          <xsl:with-param name="who" select="$stock-name"/>
          <xsl:with-param name="verdict" select="@legacy-loader"/>
          <xsl:with-param name="reason"
                          select="@legacy-reason[. != ../../@legacy-reason
                                                 or not(../../@legacy-reason)]"/>
        </xsl:call-template>
        <xsl:if test="not($checkpoints)">
          <xsl:call-template name="loader">
            <xsl:with-param name="who" select="'libvirt with bulk files'"/>
            <xsl:with-param name="verdict" select="@bulk-loader"/>
            <xsl:with-param name="reason"
                            select="@bulk-reason[. != ../../@bulk-reason
                                                 or not(../../@bulk-reason)]"/>
          </xsl:call-template>
        </xsl:if>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- A reason that is the whole domain's stands above the tree. -->
  <xsl:template name="loader">
    <xsl:param name="who"/>
    <xsl:param name="verdict"/>
    <xsl:param name="reason"/>
    <p class="loader {$verdict}">
      <xsl:value-of select="concat($who, ': ')"/>
      <strong>
        <xsl:choose>
          <xsl:when test="$verdict = 'root'">shown without its parent</xsl:when>
          <xsl:otherwise><xsl:value-of select="$verdict"/></xsl:otherwise>
        </xsl:choose>
      </strong>
      <xsl:if test="$reason">
        <xsl:text> – </xsl:text>
        <bdi><xsl:value-of select="$reason"/></bdi>
      </xsl:if>
    </p>
  </xsl:template>

  <xsl:template name="style">
:root {
  color-scheme: light dark;
  --page: #f7f6f3; --card: #ffffff; --ink: #20262e; --quiet: #59626e;
  --rule: #dddad3; --tie: #a9adb4; --accent: #285e8e; --tint: #e7f0f8;
  --bad: #a3261d; --bad-tint: #fbebe9; --warn: #7a5200; --warn-tint: #fbf1da;
  --good: #2c6a3c;
  --indent: 16rem; --step: 1.5rem;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181d; --card: #1c2027; --ink: #e4e7eb; --quiet: #a0a9b5;
    --rule: #323944; --tie: #5d6673; --accent: #8fbbe6; --tint: #1f3247;
    --bad: #f4a79f; --bad-tint: #3d2321; --warn: #e8c274; --warn-tint: #3a2f18;
    --good: #8fcf9f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 64rem; padding: 2.5rem 1.25rem 2rem;
  background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3, h4, p, dl, dd, ul { margin: 0; }
h1 { font-size: 2rem; font-weight: 650; line-height: 1.2; letter-spacing: -.015em; }
h2 { font-size: 1.375rem; font-weight: 650; line-height: 1.3; }
h3 {
  margin: 1.5rem 0 .625rem; color: var(--quiet);
  font-size: .8125rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase;
}
h4 { font-size: 1rem; font-weight: 600; }
a { color: var(--accent); text-underline-offset: .15em; }
code, .where, .place {
  font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, monospace;
  font-size: .875em;
}
bdi { white-space: pre-wrap; }
.kicker { color: var(--quiet); font-size: .875rem; }
.where, .lead { margin-top: .25rem; color: var(--quiet); }
section { margin-top: 2.75rem; }
.figures { display: flex; flex-wrap: wrap; gap: .625rem; margin-top: 1.5rem; }
.figures div {
  display: flex; flex: 1 1 8rem; flex-direction: column-reverse;
  justify-content: flex-end; padding: .75rem 1rem;
  background: var(--card); border: 1px solid var(--rule); border-radius: .625rem;
}
.figures dt { color: var(--quiet); font-size: .8125rem; line-height: 1.35; }
.figures dd { font-size: 1.625rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
.figures .error dd, strong.error { color: var(--bad); }
.figures .warning dd, strong.warning { color: var(--warn); }
.wide { overflow-x: auto; overflow-wrap: normal; }
.wide bdi { overflow-wrap: anywhere; }
.wide th:first-child { min-width: 7rem; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .4rem .75rem .4rem 0; text-align: start; vertical-align: top; }
tr > :last-child { padding-inline-end: 0; }
thead th { color: var(--quiet); font-size: .8125rem; font-weight: 500; }
tbody th { font-weight: 500; }
tbody tr { border-top: 1px solid var(--rule); }
.number { padding-inline-end: 1.5rem; text-align: end; font-variant-numeric: tabular-nums; }
main > section > .wide { margin-top: .75rem; }
.unchecked { margin-top: .75rem; padding-inline-start: 1.25rem; }
.tag {
  display: inline-block; padding: 0 .5rem; border-radius: 1rem;
  background: var(--rule); color: var(--ink);
  font-size: .75rem; font-weight: 600; line-height: 1.25rem; white-space: nowrap;
}
.tag.error { background: var(--bad-tint); color: var(--bad); }
.tag.warning, .tag.mark { background: var(--warn-tint); color: var(--warn); }
.tag.now { background: var(--accent); color: var(--card); }
a.tag { text-decoration: none; }
.finding {
  margin-top: .75rem; padding: 1rem 1.125rem .75rem;
  background: var(--card); border: 1px solid var(--rule); border-radius: .625rem;
  border-inline-start: .25rem solid var(--warn);
}
.finding.error { border-inline-start-color: var(--bad); }
.finding h4 code { color: var(--quiet); font-weight: 400; }
.advice { margin: .5rem 0 .75rem; }
.advice div { display: flex; gap: .25rem .75rem; }
.advice dt { flex: none; width: 8.5rem; color: var(--quiet); }
.advice dd { flex: 1; }
.places { font-size: .9375rem; }
ul.places { padding: .5rem 0 0; border-top: 1px solid var(--rule); list-style: none; }
.places th:first-child { width: 38%; }
.places th:nth-child(2) { width: 20%; }
.tree {
  display: grid; grid-template-columns: minmax(0, 1fr); padding: .5rem 1rem;
  background: var(--card); border: 1px solid var(--rule); border-radius: .625rem;
}
.snapshot, .line { --x: min(var(--d) * var(--step), var(--indent)); grid-column: 1; }
.snapshot {
  position: relative; padding: .375rem 0 .375rem 1.5rem; margin-left: var(--x);
  scroll-margin-top: 1rem;
}
.snapshot:target { background: var(--tint); border-radius: .375rem; }
/* the knot, and the branch that leads to it */
.snapshot::after {
  content: ""; position: absolute; left: .25rem; top: .8125rem;
  width: .625rem; height: .625rem; border: 2px solid var(--tie); border-radius: 50%;
  background: var(--card);
}
.snapshot.hidden::after { border-style: dotted; border-color: var(--bad); }
.snapshot.current::after {
  border: 0; background: var(--accent);
  box-shadow: 0 0 0 .1875rem var(--card), 0 0 0 .3125rem var(--accent);
}
.snapshot.child::before {
  --up: min((var(--d) - 1) * var(--step), var(--indent));
  content: ""; position: absolute; top: 1.0625rem; height: 2px; background: var(--tie);
  left: calc(var(--up) - var(--x) + .5rem); width: calc(var(--x) - var(--up));
}
.plain .child::before { display: none; }
.line {
  width: 2px; margin: 1.125rem 0 -1.1875rem calc(var(--x) + .5rem);
  background: var(--tie);
}
.lead + .loader { margin-top: .25rem; }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .5rem; }
.name { font-weight: 600; }
.facts { margin-inline-start: auto; color: var(--quiet); font-size: .875rem; font-variant-numeric: tabular-nums; }
.loader { color: var(--quiet); font-size: .875rem; line-height: 1.45; }
.loader strong { font-weight: 600; }
.loader.hidden strong { color: var(--bad); }
.loader.root strong { color: var(--warn); }
.loader.shown strong { color: var(--good); }
footer { margin-top: 3rem; color: var(--quiet); font-size: .8125rem; }
@media (max-width: 40rem) {
  :root { --indent: 5rem; --step: .875rem; }
  body { padding: 1.5rem .875rem; }
  h1 { font-size: 1.625rem; }
  .figures div { flex-basis: 40%; }
  .extra { display: none; }
  .wide .number { padding-inline-end: .75rem; }
  .advice div { display: block; }
  .advice div + div { margin-top: .375rem; }
  .tree { padding: .375rem .625rem; }
  .facts { flex-basis: 100%; margin-inline-start: 0; }
  .places thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  .places tr, .places td { display: block; padding-inline-end: 0; }
  .places tr { padding: .375rem 0; }
  .places td { padding: 0; }
}
@media print {
  :root { --page: #fff; --card: #fff; }
  body { max-width: none; padding: 0; font-size: .875rem; }
  .finding, .figures div, .snapshot { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  .tree, .finding { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
</xsl:template>

</xsl:stylesheet>
