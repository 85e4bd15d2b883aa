; Blocks moved by two hands that are constants, one of them for small blocks only: negative
; preconditions and goals, equality, an action without parameters.
(define (domain hands)
  (:requirements :strips :typing :negative-preconditions :equality)
  (:types block hand - object small large - block)
  (:constants left right - hand)
  (:predicates (on ?x ?y - block) (down ?x - block) (held ?x - block) (holds ?h - hand ?x - block)
               (busy ?h - hand) (covered ?x - block) (gloved))
  (:action glove
    :parameters ()
    :precondition (and (not (gloved)) (not (busy left)) (not (busy right)))
    :effect (gloved))
  (:action take
    :parameters (?h - hand ?x - block)
    :precondition (and (gloved) (down ?x) (not (covered ?x)) (not (busy ?h)))
    :effect (and (holds ?h ?x) (held ?x) (busy ?h) (not (down ?x))))
  (:action lift
    :parameters (?x - small ?y - block)
    :precondition (and (gloved) (not (= ?x ?y)) (on ?x ?y) (not (covered ?x)) (not (busy right)))
    :effect (and (holds right ?x) (held ?x) (busy right) (not (on ?x ?y)) (not (covered ?y))))
  (:action lower
    :parameters (?h - hand ?x - block)
    :precondition (holds ?h ?x)
    :effect (and (not (holds ?h ?x)) (not (held ?x)) (not (busy ?h)) (down ?x)))
  (:action put
    :parameters (?h - hand ?x - small ?y - block)
    :precondition (and (holds ?h ?x) (not (= ?x ?y)) (not (covered ?y)) (not (held ?y)))
    :effect (and (not (holds ?h ?x)) (not (held ?x)) (not (busy ?h)) (on ?x ?y) (covered ?y)))
  (:action swap
    :parameters (?h ?g - hand ?x - block)
    :precondition (and (not (= ?h ?g)) (= ?h left) (holds ?h ?x) (not (busy ?g)))
    :effect (and (not (holds ?h ?x)) (holds ?g ?x) (not (busy ?h)) (busy ?g))))
