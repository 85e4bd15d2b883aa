(define (problem d1) (:domain DELIVERY) ; in any case
  (:objects t1 t2 - truck b1 - package s1 s2 - place)
  (:init (at T1 depot) (at t2 s2) (in b1 t1) (not (open)))
  (:goal (and (at t1 s2) (not (at t2 s2)) (open) (in b1 t1))))
