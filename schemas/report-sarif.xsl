<?xml version="1.0" encoding="UTF-8"?>
<!--
  report-sarif.xsl: the report of virt-snapshot-verify (report.rng) in SARIF
  2.1.0, the Static Analysis Results Interchange Format of OASIS, for code
  scanning in CI.

  * The rules are the problems that were found, and their index is that of the
    report, which counts from 1.
  * Files: of an absolute snapshot directory they are relative to the base BASE.
    Of a relative one they are relative to where the program was run, which a CI
    job does at the top of the repository. With several directories each file
    has its own in front already.
  * With a baseline each result is "unchanged" or "new".
  * What could not be checked is a notification, and the run is no success.

  No template makes a variable with content (a tree of its own), as libxslt then
  copies all that was written so far for the next piece of text.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:key name="rule" match="rule" use="@id"/>

  <xsl:variable name="base" select="/report/@base-uri"/>
  <xsl:variable name="absolute" select="starts-with($base, 'file:')"/>
  <!-- What files are relative to, where it is not said by BASE. -->
  <xsl:variable name="prefix">
    <xsl:if test="not($absolute)">
      <xsl:value-of select="$base"/>
    </xsl:if>
  </xsl:variable>
  <xsl:variable name="baseline" select="boolean(/report/@baseline)"/>

  <xsl:template match="/">
    <xsl:apply-templates select="report"/>
  </xsl:template>

  <xsl:template match="report">
    <xsl:text>{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "virt-snapshot-verify",
          "version": </xsl:text>
    <xsl:call-template name="string">
      <xsl:with-param name="text" select="string(@version)"/>
    </xsl:call-template>
    <xsl:text>,&#10;          "rules": [</xsl:text>
    <xsl:apply-templates select="rule"/>
    <xsl:text>]&#10;        }&#10;      },</xsl:text>
    <xsl:if test="$absolute">
      <xsl:text>&#10;      "originalUriBaseIds": {"BASE": {"uri": </xsl:text>
      <xsl:call-template name="string">
        <xsl:with-param name="text" select="string($base)"/>
      </xsl:call-template>
      <xsl:text>}},</xsl:text>
    </xsl:if>
    <xsl:text>&#10;      "invocations": [{"executionSuccessful": </xsl:text>
    <xsl:value-of select="not(unchecked)"/>
    <xsl:text>, "toolExecutionNotifications": [</xsl:text>
    <xsl:for-each select="unchecked">
      <xsl:if test="position() != 1">,</xsl:if>
      <xsl:text>&#10;        {"level": "error", "message": {"text": </xsl:text>
      <xsl:call-template name="string">
        <xsl:with-param name="text" select="string()"/>
      </xsl:call-template>
      <xsl:text>}}</xsl:text>
    </xsl:for-each>
    <xsl:text>]}],&#10;      "results": [</xsl:text>
    <xsl:apply-templates select=".//problem"/>
    <xsl:text>]&#10;    }&#10;  ]&#10;}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="rule">
    <xsl:if test="position() != 1">,</xsl:if>
    <xsl:value-of select="concat('&#10;            {&quot;id&quot;: &quot;',
                                 @id, '&quot;')"/>
    <xsl:apply-templates select="title | consequence | remedy"/>
    <xsl:value-of select="concat(', &quot;defaultConfiguration&quot;: {',
                                 '&quot;level&quot;: &quot;', @severity,
                                 '&quot;}}')"/>
  </xsl:template>

  <xsl:template match="rule/title">
    <xsl:text>, "shortDescription": </xsl:text>
    <xsl:call-template name="message"/>
  </xsl:template>

  <xsl:template match="rule/consequence">
    <xsl:text>, "fullDescription": </xsl:text>
    <xsl:call-template name="message"/>
  </xsl:template>

  <xsl:template match="rule/remedy">
    <xsl:text>, "help": </xsl:text>
    <xsl:call-template name="message"/>
  </xsl:template>

  <xsl:template match="problem">
    <xsl:if test="position() != 1">,</xsl:if>
    <xsl:value-of select="concat('&#10;        {&quot;ruleId&quot;: &quot;',
                                 @id, '&quot;, &quot;ruleIndex&quot;: ',
                                 key('rule', @id)/@index - 1,
                                 ', &quot;level&quot;: &quot;', @severity,
                                 '&quot;, &quot;message&quot;: ')"/>
    <xsl:for-each select="message">
      <xsl:call-template name="message"/>
    </xsl:for-each>
    <xsl:if test="@file or @domain">
      <xsl:text>, "locations": [{</xsl:text>
      <xsl:if test="@file">
        <xsl:call-template name="physical"/>
      </xsl:if>
      <xsl:if test="@file and @domain">, </xsl:if>
      <xsl:if test="@domain">
        <xsl:call-template name="logical"/>
      </xsl:if>
      <xsl:text>}]</xsl:text>
    </xsl:if>
    <xsl:value-of select="concat(', &quot;partialFingerprints&quot;: {',
                                 '&quot;domainSnapshotProblem/v1&quot;: ',
                                 '&quot;', @fingerprint, '&quot;}')"/>
    <xsl:if test="$baseline">
      <xsl:text>, "baselineState": </xsl:text>
      <xsl:choose>
        <xsl:when test="@known">"unchanged"</xsl:when>
        <xsl:otherwise>"new"</xsl:otherwise>
      </xsl:choose>
    </xsl:if>
    <xsl:text>}</xsl:text>
  </xsl:template>

  <xsl:template name="physical">
    <xsl:text>"physicalLocation": {"artifactLocation": {"uri": </xsl:text>
    <xsl:call-template name="string">
      <xsl:with-param name="text" select="concat($prefix, @uri)"/>
    </xsl:call-template>
    <xsl:if test="$absolute">, "uriBaseId": "BASE"</xsl:if>
    <xsl:text>}</xsl:text>
    <xsl:if test="@line">
      <xsl:value-of select="concat(', &quot;region&quot;: {',
                                   '&quot;startLine&quot;: ', @line)"/>
      <xsl:if test="@column">
        <xsl:value-of select="concat(', &quot;startColumn&quot;: ',
                                     @column)"/>
      </xsl:if>
      <xsl:text>}</xsl:text>
    </xsl:if>
    <xsl:text>}</xsl:text>
  </xsl:template>

  <!-- The snapshot, or where there is none the domain. -->
  <xsl:template name="logical">
    <xsl:text>"logicalLocations": [{"name": </xsl:text>
    <xsl:call-template name="string">
      <xsl:with-param name="text"
                      select="concat(@snapshot,
                                     substring(@domain, 1 div not(@snapshot)))"/>
    </xsl:call-template>
    <xsl:text>, "fullyQualifiedName": </xsl:text>
    <xsl:call-template name="string">
      <xsl:with-param name="text"
                      select="concat(@domain,
                                     substring('/', 1, count(@snapshot)),
                                     @snapshot)"/>
    </xsl:call-template>
    <xsl:text>, "kind": "resource"}]</xsl:text>
  </xsl:template>

  <!-- A message object of the text of the context node. -->
  <xsl:template name="message">
    <xsl:text>{"text": </xsl:text>
    <xsl:call-template name="string">
      <xsl:with-param name="text" select="string()"/>
    </xsl:call-template>
    <xsl:text>}</xsl:text>
  </xsl:template>

  <xsl:template name="string">
    <xsl:param name="text"/>
    <xsl:text>"</xsl:text>
    <xsl:call-template name="escape">
      <xsl:with-param name="text" select="$text"/>
    </xsl:call-template>
    <xsl:text>"</xsl:text>
  </xsl:template>

  <!-- Halves that need no escaping go out in one piece. The recursion is as
       deep as the logarithm of the length. -->
  <xsl:template name="escape">
    <xsl:param name="text"/>
    <xsl:variable name="half" select="floor(string-length($text) div 2)"/>
    <xsl:choose>
      <xsl:when test="not(contains($text, '&quot;') or contains($text, '\'))">
        <xsl:value-of select="$text"/>
      </xsl:when>
      <xsl:when test="$half = 0">
        <xsl:value-of select="concat('\', $text)"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="escape">
          <xsl:with-param name="text" select="substring($text, 1, $half)"/>
        </xsl:call-template>
        <xsl:call-template name="escape">
          <xsl:with-param name="text" select="substring($text, $half + 1)"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

</xsl:stylesheet>
