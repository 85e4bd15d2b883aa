/* What the tests of this room share: the project's Blocksworld and a typed domain that uses
 * everything the reader knows. */
#ifndef FR_TESTS_PLANNING_FIXTURE_H
#define FR_TESTS_PLANNING_FIXTURE_H

#include "planning/planning.h"
#include "support/test.h"

static inline void load_blocksworld(struct fr_domain *domain) {
    struct fr_error err;
    assert_ok(fr_domain_load(domain, fr_test_path("data/domains/blocksworld.pddl"), &err), err);
}

/* vehicle is named as a supertype before its own entry, place only as a supertype. */
static const char delivery_domain[] =
    "(define (domain Delivery)\n"
    "  (:requirements :strips :typing :negative-preconditions :equality)\n"
    "  (:types truck van - vehicle package vehicle - object shop - place)\n"
    "  (:constants Depot - place)\n"
    "  (:predicates (At ?v - vehicle ?p - place) (in ?b - package ?v - vehicle)\n"
    "               (lies ?b - package ?p - place) (broken ?v - vehicle) (open))\n"
    "  (:functions)\n"
    "  (:action DRIVE :parameters (?v - vehicle ?from ?to - place)\n"
    "    :precondition (and (at ?v ?from) (and (not (= ?from ?to)) (not (broken ?v))))\n"
    "    :effect (and (not (at ?v ?from)) (at ?v ?to)))\n"
    "  (:action load :parameters (?b - package ?v - truck ?p - place)\n"
    "    :precondition (and (at ?v ?p) (lies ?b ?p))\n"
    "    :effect (and (not (lies ?b ?p)) (in ?b ?v)))\n"
    "  (:action unload :parameters (?b - package ?v - truck ?p - place)\n"
    "    :precondition (and (at ?v ?p) (in ?b ?v))\n"
    "    :effect (and (not (in ?b ?v)) (lies ?b ?p)))\n"
    "  (:action repair :parameters (?v - vehicle)\n"
    "    :precondition (at ?v Depot)\n"
    "    :effect (not (broken ?v)))\n"
    "  (:action open :parameters () :effect (open)))\n";

static const char delivery_problem[] =
    "(define (problem d1) (:domain DELIVERY)\n"
    "  (:objects t1 - truck v1 - van b1 b2 - package s1 s2 - shop)\n"
    "  (:init (at T1 depot) (broken t1) (at v1 s2) (lies b1 s1) (lies b2 DEPOT)\n"
    "         (not (broken v1)))\n"
    "  (:goal (and (lies b1 s2) (not (at t1 s2)) (open))))\n";

static inline void parse_delivery(struct fr_domain *domain, struct fr_problem *problem) {
    struct fr_error err;
    assert_ok(fr_domain_parse(domain, delivery_domain, "delivery", &err), err);
    assert_ok(fr_problem_parse(problem, domain, delivery_problem, "d1", &err), err);
}

#endif
