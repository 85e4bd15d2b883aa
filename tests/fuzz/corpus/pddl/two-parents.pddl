(define (domain storage) (:types hoist surface place area - object depot - place
 storearea transitarea - area area crate - surface area - place storearea - place)
(:predicates (in ?x - (either surface place) ?p - place))
(:action move :parameters (?a - area ?c - crate) :effect (in ?c ?a)))
(define (problem p) (:domain storage) (:objects a - storearea c - crate) (:init) (:goal (in c a)))
