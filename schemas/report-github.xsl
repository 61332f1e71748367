<?xml version="1.0" encoding="UTF-8"?>
<!--
  report-github.xsl: the report of virt-snapshot-verify (report.rng) as workflow
  commands of GitHub Actions, which show findings beside the files of a push.

  Only the first few annotations of a step are shown: errors come first, then
  what could not be checked, then warnings. Findings that a baseline knows are
  not annotated, only counted in the summary.

  Files are relative to where the program was run, which is meant to be the top
  of the repository. A relative directory that starts with "./" is fine.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:variable name="base">
    <xsl:if test="/report/@base and /report/@base != '.'">
      <xsl:choose>
        <xsl:when test="starts-with(/report/@base, './')">
          <xsl:value-of select="substring(/report/@base, 3)"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:value-of select="/report/@base"/>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:if>
  </xsl:variable>
  <xsl:variable name="folder">
    <xsl:value-of select="$base"/>
    <xsl:if test="$base != ''
                  and substring($base, string-length($base)) != '/'">/</xsl:if>
  </xsl:variable>

  <xsl:template match="/">
    <xsl:apply-templates select="report"/>
  </xsl:template>

  <xsl:template match="report">
    <xsl:variable name="new" select="problem[not(@known)]
                                     | domain/problem[not(@known)]"/>
    <xsl:apply-templates select="$new[@severity = 'error']"/>
    <xsl:for-each select="unchecked">
      <xsl:text>::error title=could not be checked::</xsl:text>
      <xsl:call-template name="data">
        <xsl:with-param name="text" select="string()"/>
      </xsl:call-template>
      <xsl:text>&#10;</xsl:text>
    </xsl:for-each>
    <xsl:apply-templates select="$new[@severity = 'warning']"/>
    <xsl:apply-templates select="summary"/>
  </xsl:template>

  <xsl:template match="problem">
    <xsl:value-of select="concat('::', @severity, ' ')"/>
    <xsl:if test="@file">
      <xsl:text>file=</xsl:text>
      <xsl:call-template name="property">
        <xsl:with-param name="text" select="concat($folder, @file)"/>
      </xsl:call-template>
      <xsl:text>,</xsl:text>
    </xsl:if>
    <xsl:if test="@line">
      <xsl:value-of select="concat('line=', @line, ',')"/>
    </xsl:if>
    <xsl:if test="@column">
      <xsl:value-of select="concat('col=', @column, ',')"/>
    </xsl:if>
    <xsl:text>title=</xsl:text>
    <xsl:call-template name="property">
      <xsl:with-param name="text" select="concat(title, ' [', @id, ']')"/>
    </xsl:call-template>
    <xsl:text>::</xsl:text>
    <xsl:if test="@domain">
      <xsl:call-template name="data">
        <xsl:with-param name="text" select="@domain"/>
      </xsl:call-template>
      <xsl:if test="@snapshot">
        <xsl:text>/</xsl:text>
        <xsl:call-template name="data">
          <xsl:with-param name="text" select="@snapshot"/>
        </xsl:call-template>
      </xsl:if>
      <xsl:text>: </xsl:text>
    </xsl:if>
    <xsl:call-template name="data">
      <xsl:with-param name="text" select="string(message)"/>
    </xsl:call-template>
    <xsl:text>%0Aso: </xsl:text>
    <xsl:call-template name="data">
      <xsl:with-param name="text" select="string(consequence)"/>
    </xsl:call-template>
    <xsl:text>%0Ado: </xsl:text>
    <xsl:call-template name="data">
      <xsl:with-param name="text" select="string(remedy)"/>
    </xsl:call-template>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="summary">
    <xsl:text>::notice title=virt-snapshot-verify::</xsl:text>
    <xsl:value-of select="concat('domains: ', @domains,
                                 ', ', substring('snapshot', 1,
                                                 8 * not(../@kind)),
                                 ../@kind, 's: ', @snapshots,
                                 ', errors: ', @errors,
                                 ', warnings: ', @warnings)"/>
    <xsl:if test="../@baseline">
      <xsl:value-of select="concat(', known from the baseline: ', @known)"/>
    </xsl:if>
    <xsl:if test="@unchecked != 0">
      <xsl:value-of select="concat(', could not be checked: ', @unchecked)"/>
    </xsl:if>
    <xsl:if test="@lost-by-upgrade != 0">
      <xsl:value-of select="concat(', lost by an upgrade: ',
                                   @lost-by-upgrade)"/>
    </xsl:if>
    <xsl:if test="@lost-by-downgrade != 0">
      <xsl:value-of select="concat(', lost by a downgrade: ',
                                   @lost-by-downgrade)"/>
    </xsl:if>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>

  <!-- What stands behind the second "::". The report has no line breaks, which
       would be %0D and %0A. -->
  <xsl:template name="data">
    <xsl:param name="text"/>
    <xsl:call-template name="escape">
      <xsl:with-param name="text" select="$text"/>
      <xsl:with-param name="special" select="'%'"/>
    </xsl:call-template>
  </xsl:template>

  <!-- A value in front of it: the separators are special too. -->
  <xsl:template name="property">
    <xsl:param name="text"/>
    <xsl:call-template name="escape">
      <xsl:with-param name="text" select="$text"/>
      <xsl:with-param name="special" select="'%:,'"/>
    </xsl:call-template>
  </xsl:template>

  <!-- Halves without special characters go out in one piece. The recursion is
       as deep as the logarithm of the length. -->
  <xsl:template name="escape">
    <xsl:param name="text"/>
    <xsl:param name="special"/>
    <xsl:variable name="half" select="floor(string-length($text) div 2)"/>
    <xsl:choose>
      <xsl:when test="translate($text, $special, '') = $text">
        <xsl:value-of select="$text"/>
      </xsl:when>
      <xsl:when test="$text = '%'">%25</xsl:when>
      <xsl:when test="$text = ':'">%3A</xsl:when>
      <xsl:when test="$text = ','">%2C</xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="escape">
          <xsl:with-param name="text" select="substring($text, 1, $half)"/>
          <xsl:with-param name="special" select="$special"/>
        </xsl:call-template>
        <xsl:call-template name="escape">
          <xsl:with-param name="text" select="substring($text, $half + 1)"/>
          <xsl:with-param name="special" select="$special"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

</xsl:stylesheet>
