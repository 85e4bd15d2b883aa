(define (problem p) (:domain blocksworld-4ops)
 (:objects a b c) ; three
 (:init (handempty) (ontable a) (on b a) (clear b) (ontable c) (clear c))
 (:goal (and (on a b) (not (clear c)))))
