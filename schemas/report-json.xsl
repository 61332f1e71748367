<?xml version="1.0" encoding="UTF-8"?>
<!--
  report-json.xsl: the report of virt-snapshot-verify (report.rng) as one JSON
  document.

  Usage:   virt-snapshot-verify -f json
           xsltproc report-json.xsl REPORT.xml    the same, of a stored report

  It mirrors the XML: an attribute is a member of the same name with "_" for
  "-"; a child that holds text is one too. Children of which there can be many
  are arrays: domains, snapshots, problems, unchecked, rules. What is counted or
  measured is a number; what is "yes" or absent is true or false (current of a
  snapshot, current-forgotten, known, baseline). What is not known is left out.

  Strings: the report has no control characters, so quotes and backslashes are
  all that has to be escaped.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/">
    <xsl:apply-templates select="report"/>
  </xsl:template>

  <xsl:template match="report">
    <xsl:text>{&#10;  </xsl:text>
    <xsl:apply-templates select="@*[name() != 'baseline']"/>
    <xsl:value-of select="concat('&quot;baseline&quot;: ',
                                 boolean(@baseline), ',&#10;')"/>
    <xsl:text>  "domains": [</xsl:text>
    <xsl:for-each select="domain">
      <xsl:if test="position() != 1">,</xsl:if>
      <xsl:text>&#10;    {</xsl:text>
      <xsl:apply-templates select="@*[name() != 'current-forgotten']"/>
      <xsl:value-of select="concat('&quot;current_forgotten&quot;: ',
                                   boolean(@current-forgotten), ',')"/>
      <xsl:text>&#10;      "snapshots": [</xsl:text>
      <xsl:for-each select="snapshot">
        <xsl:if test="position() != 1">,</xsl:if>
        <xsl:text>&#10;        {</xsl:text>
        <xsl:apply-templates select="@*[name() != 'current']"/>
        <xsl:value-of select="concat('&quot;current&quot;: ',
                                     boolean(@current), '}')"/>
      </xsl:for-each>
      <xsl:text>],&#10;      "problems": [</xsl:text>
      <xsl:apply-templates select="problem"/>
      <xsl:text>]}</xsl:text>
    </xsl:for-each>
    <xsl:text>],&#10;  "problems": [</xsl:text>
    <xsl:apply-templates select="problem"/>
    <xsl:text>],&#10;  "unchecked": [</xsl:text>
    <xsl:for-each select="unchecked">
      <xsl:if test="position() != 1">,</xsl:if>
      <xsl:text>&#10;    </xsl:text>
      <xsl:call-template name="string">
        <xsl:with-param name="text" select="string()"/>
      </xsl:call-template>
    </xsl:for-each>
    <xsl:text>],&#10;  "rules": [</xsl:text>
    <xsl:for-each select="rule">
      <xsl:if test="position() != 1">,</xsl:if>
      <xsl:text>&#10;    {</xsl:text>
      <xsl:apply-templates select="@*"/>
      <xsl:apply-templates select="*"/>
      <xsl:text>}</xsl:text>
    </xsl:for-each>
    <xsl:text>],&#10;  "summary": {</xsl:text>
    <xsl:for-each select="summary/@*">
      <xsl:if test="position() != 1">, </xsl:if>
      <xsl:value-of select="concat('&quot;', translate(name(), '-', '_'),
                                   '&quot;: ', .)"/>
    </xsl:for-each>
    <xsl:text>}&#10;}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="problem">
    <xsl:if test="position() != 1">,</xsl:if>
    <xsl:text>&#10;        {</xsl:text>
    <xsl:apply-templates select="@*[name() != 'known']"/>
    <xsl:value-of select="concat('&quot;known&quot;: ', boolean(@known),
                                 ', ')"/>
    <xsl:apply-templates select="*"/>
    <xsl:text>}</xsl:text>
  </xsl:template>

  <!-- Members, each with a comma behind it: something always follows. -->

  <xsl:template match="@*">
    <xsl:value-of select="concat('&quot;', translate(name(), '-', '_'),
                                 '&quot;: ')"/>
    <xsl:call-template name="string">
      <xsl:with-param name="text" select="string()"/>
    </xsl:call-template>
    <xsl:text>, </xsl:text>
  </xsl:template>

  <xsl:template match="@index | @created | @line | @column | @depth | @below |
                       @count | @snapshot-index">
    <xsl:value-of select="concat('&quot;', translate(name(), '-', '_'),
                                 '&quot;: ', ., ', ')"/>
  </xsl:template>

  <!-- Text of a problem or a rule; the remedy is the last one. -->
  <xsl:template match="title | message | consequence | remedy">
    <xsl:value-of select="concat('&quot;', name(), '&quot;: ')"/>
    <xsl:call-template name="string">
      <xsl:with-param name="text" select="string()"/>
    </xsl:call-template>
    <xsl:if test="not(self::remedy)">, </xsl:if>
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
