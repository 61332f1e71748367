<?xml version="1.0" encoding="UTF-8"?>
<!--
  report-junit.xsl: the report of virt-snapshot-verify (report.rng) in the XML
  that CI systems read as the result of tests, called JUnit's.

  * Each domain is a suite. Each of its snapshots is a test, and so is the
    domain itself, for findings that belong to no snapshot.
  * A test fails where it has errors. CI systems show one failure of a test: so
    there is one, which holds them all. Warnings, and what a baseline knows,
    stand in the test's output and fail nothing.
  * What belongs to no domain, and what could not be checked (an error, not a
    failure), is a suite of its own.
  * No test has a duration or a date: the same directory gives the same report.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <!-- The findings of a snapshot, and the number of its errors that count. -->
  <xsl:key name="found" match="domain/problem[@snapshot-index]"
           use="concat(generate-id(..), ' ', @snapshot-index)"/>
  <xsl:key name="failing"
           match="domain/problem[@severity = 'error' and not(@known)
                                 and @snapshot-index]"
           use="concat(generate-id(..), ' ', @snapshot-index)"/>

  <xsl:template match="/">
    <xsl:apply-templates select="report"/>
  </xsl:template>

  <xsl:template match="report">
    <testsuites name="virt-snapshot-verify">
      <xsl:apply-templates select="domain"/>
      <xsl:if test="problem or unchecked">
        <xsl:call-template name="suite-of-none"/>
      </xsl:if>
    </testsuites>
  </xsl:template>

  <xsl:template match="domain">
    <xsl:variable name="domain" select="generate-id()"/>
    <xsl:variable name="class">
      <xsl:if test="@base">
        <xsl:value-of select="concat(@base, '/')"/>
      </xsl:if>
      <xsl:value-of select="@name"/>
    </xsl:variable>
    <xsl:variable name="own" select="problem[not(@snapshot-index)]"/>
    <xsl:variable name="own-fails"
                  select="$own[@severity = 'error' and not(@known)]"/>
    <xsl:variable name="failing"
                  select="snapshot[key('failing', concat($domain, ' ',
                                                         @index))]"/>
    <testsuite name="{$class}" tests="{count(snapshot) + 1}"
               failures="{count($failing) + number(boolean($own-fails))}"
               errors="0" skipped="0" time="0">
      <xsl:call-template name="test">
        <xsl:with-param name="class" select="$class"/>
        <xsl:with-param name="name" select="'(domain)'"/>
        <xsl:with-param name="found" select="$own"/>
      </xsl:call-template>
      <xsl:for-each select="snapshot">
        <xsl:call-template name="test">
          <xsl:with-param name="class" select="$class"/>
          <xsl:with-param name="name" select="@name"/>
          <xsl:with-param name="found" select="key('found',
                                 concat($domain, ' ', @index))"/>
        </xsl:call-template>
      </xsl:for-each>
    </testsuite>
  </xsl:template>

  <xsl:template name="suite-of-none">
    <xsl:variable name="fails"
                  select="problem[@severity = 'error' and not(@known)]"/>
    <testsuite name="(directory)"
               tests="{number(boolean(problem)) + count(unchecked)}"
               failures="{number(boolean($fails))}"
               errors="{count(unchecked)}" skipped="0" time="0">
      <xsl:if test="problem">
        <xsl:call-template name="test">
          <xsl:with-param name="class" select="'(directory)'"/>
          <xsl:with-param name="name" select="'(directory)'"/>
          <xsl:with-param name="found" select="problem"/>
        </xsl:call-template>
      </xsl:if>
      <xsl:for-each select="unchecked">
        <testcase classname="(directory)" name="unchecked {position()}"
                  time="0">
          <error message="{.}" type="unchecked">
            <xsl:value-of select="."/>
          </error>
        </testcase>
      </xsl:for-each>
    </testsuite>
  </xsl:template>

  <xsl:template name="test">
    <xsl:param name="class"/>
    <xsl:param name="name"/>
    <xsl:param name="found"/>
    <xsl:variable name="fails"
                  select="$found[@severity = 'error' and not(@known)]"/>
    <xsl:variable name="rest" select="$found[@severity != 'error' or @known]"/>
    <testcase classname="{$class}" name="{$name}" time="0">
      <xsl:if test="$fails">
        <failure message="{$fails[1]/message}" type="{$fails[1]/@id}">
          <xsl:apply-templates select="$fails"/>
        </failure>
      </xsl:if>
      <xsl:if test="$rest">
        <system-out>
          <xsl:apply-templates select="$rest"/>
        </system-out>
      </xsl:if>
    </testcase>
  </xsl:template>

  <!-- As the program prints it, with what it leads to and what to do. -->
  <xsl:template match="problem">
    <xsl:value-of select="@file"/>
    <xsl:if test="not(@file)">
      <xsl:value-of select="@domain"/>
    </xsl:if>
    <xsl:text>:</xsl:text>
    <xsl:if test="@line">
      <xsl:value-of select="concat(@line, ':')"/>
    </xsl:if>
    <xsl:if test="@column">
      <xsl:value-of select="concat(@column, ':')"/>
    </xsl:if>
    <xsl:value-of select="concat(' ', @severity, ': ', message,
                                 ' [', @id, ']')"/>
    <xsl:if test="@known"> (known)</xsl:if>
    <xsl:value-of select="concat('&#10;    so: ', consequence,
                                 '&#10;    do: ', remedy, '&#10;')"/>
  </xsl:template>

</xsl:stylesheet>
