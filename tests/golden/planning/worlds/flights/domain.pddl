; Persons and aircraft between cities: a predicate over either of two types.
(define (domain flights)
  (:requirements :strips :typing)
  (:types aircraft person city fuel)
  (:predicates (at ?x - (either person aircraft) ?c - city) (in ?p - person ?a - aircraft)
               (level ?a - aircraft ?l - fuel) (next ?l1 ?l2 - fuel))
  (:action board
    :parameters (?p - person ?a - aircraft ?c - city)
    :precondition (and (at ?p ?c) (at ?a ?c))
    :effect (and (not (at ?p ?c)) (in ?p ?a)))
  (:action debark
    :parameters (?p - person ?a - aircraft ?c - city)
    :precondition (and (in ?p ?a) (at ?a ?c))
    :effect (and (not (in ?p ?a)) (at ?p ?c)))
  (:action fly
    :parameters (?a - aircraft ?from ?to - city ?l1 ?l2 - fuel)
    :precondition (and (at ?a ?from) (level ?a ?l1) (next ?l2 ?l1))
    :effect (and (not (at ?a ?from)) (at ?a ?to) (not (level ?a ?l1)) (level ?a ?l2)))
  (:action refuel
    :parameters (?a - aircraft ?c - city ?l ?l1 - fuel)
    :precondition (and (level ?a ?l) (next ?l ?l1) (at ?a ?c))
    :effect (and (level ?a ?l1) (not (level ?a ?l)))))
