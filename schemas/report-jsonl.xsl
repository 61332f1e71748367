<?xml version="1.0" encoding="UTF-8"?>
<!--
  report-jsonl.xsl: the report of virt-snapshot-verify (report.rng) as JSON
  Lines: one object in each line, for tools that read line by line.

  type is what the line is about:

    domain      the attributes of <domain>
    snapshot    those of <snapshot>, and the domain (and its base)
    problem     those of <problem>, and title, message, consequence, remedy
    unchecked   message: what could not be checked
    summary     those of <summary>, and the version of the program

  Names and values are those of report-json.xsl. The summary is the last line:
  where it is missing, the report is not complete.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/">
    <xsl:apply-templates select="report/domain"/>
    <xsl:apply-templates select="report/problem"/>
    <xsl:apply-templates select="report/unchecked"/>
    <xsl:apply-templates select="report/summary"/>
  </xsl:template>

  <xsl:template match="domain">
    <xsl:text>{"type": "domain"</xsl:text>
    <xsl:apply-templates select="@*[name() != 'current-forgotten']"/>
    <xsl:value-of select="concat(', &quot;current_forgotten&quot;: ',
                                 boolean(@current-forgotten), '}&#10;')"/>
    <xsl:apply-templates select="snapshot"/>
    <xsl:apply-templates select="problem"/>
  </xsl:template>

  <xsl:template match="snapshot">
    <xsl:text>{"type": "snapshot", "domain": </xsl:text>
    <xsl:call-template name="string">
      <xsl:with-param name="text" select="string(../@name)"/>
    </xsl:call-template>
    <xsl:apply-templates select="../@base"/>
    <xsl:apply-templates select="@*[name() != 'current']"/>
    <xsl:value-of select="concat(', &quot;current&quot;: ',
                                 boolean(@current), '}&#10;')"/>
  </xsl:template>

  <xsl:template match="problem">
    <xsl:text>{"type": "problem"</xsl:text>
    <xsl:apply-templates select="../@base[../self::domain]"/>
    <xsl:apply-templates select="@*[name() != 'known']"/>
    <xsl:value-of select="concat(', &quot;known&quot;: ', boolean(@known))"/>
    <xsl:apply-templates select="*"/>
    <xsl:text>}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="unchecked">
    <xsl:text>{"type": "unchecked", "message": </xsl:text>
    <xsl:call-template name="string">
      <xsl:with-param name="text" select="string()"/>
    </xsl:call-template>
    <xsl:text>}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="summary">
    <xsl:text>{"type": "summary"</xsl:text>
    <xsl:apply-templates select="../@version"/>
    <xsl:for-each select="@*">
      <xsl:value-of select="concat(', &quot;', translate(name(), '-', '_'),
                                   '&quot;: ', .)"/>
    </xsl:for-each>
    <xsl:text>}&#10;</xsl:text>
  </xsl:template>

  <!-- Members, each with a comma in front: the type always precedes. -->

  <xsl:template match="@* | title | message | consequence | remedy">
    <xsl:value-of select="concat(', &quot;', translate(name(), '-', '_'),
                                 '&quot;: ')"/>
    <xsl:call-template name="string">
      <xsl:with-param name="text" select="string()"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template match="@index | @created | @line | @column | @depth | @below |
                       @snapshot-index">
    <xsl:value-of select="concat(', &quot;', translate(name(), '-', '_'),
                                 '&quot;: ', .)"/>
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
